"""What the standard library draws by chance, and the identifiers it makes from chance and time."""

from typing import Final

from durable_lint.vocabulary.entry import When
from durable_lint.vocabulary.family import Family

__all__ = ["RANDOMNESS"]

RANDOMNESS: Final = Family(
    calls={
        "randomness": {
            "random": "betavariate binomialvariate choice choices expovariate gammavariate gauss"
            " getrandbits getstate lognormvariate main normalvariate paretovariate randbytes"
            " randint random randrange sample seed setstate shuffle triangular uniform"
            " vonmisesvariate weibullvariate Random SystemRandom",
            # Wherever it was made, what it gives comes from the system.
            "random.SystemRandom": "*",
            "secrets": "choice randbelow randbits token_bytes token_hex token_urlsafe",
            "os": "urandom getrandom",
            "ssl": "RAND_bytes RAND_pseudo_bytes RAND_add",
            "crypt": "mksalt",
        },
        "uuid": {
            "uuid": "uuid1 uuid4 uuid6 uuid7 uuid8 getnode main",
        },
    },
    conditions={
        "random.Random": When.UNSEEDED,
        "uuid.uuid8": When.FEWER_THAN_THREE,
    },
    advice={
        "random.Random": "durable_async.random()",
        "random.SystemRandom": "durable_async.random()",
        **{
            f"random.{name}": f"durable_async.random().{name}(...)"
            for name in ("choice", "choices", "randint", "random", "randrange", "sample")
        },
        "random.shuffle": "durable_async.random().shuffle(...)",
        "random.uniform": "durable_async.random().uniform(...)",
        "random.gauss": "durable_async.random().gauss(...)",
        "random.getrandbits": "durable_async.random().getrandbits(...)",
        "random.randbytes": "durable_async.random().randbytes(...)",
        "secrets.choice": "durable_async.random().choice(...)",
        "secrets.randbelow": "durable_async.random().randrange(...)",
        "uuid.uuid1": "durable_async.uuid4()",
        "uuid.uuid4": "durable_async.uuid4()",
        "uuid.uuid6": "durable_async.uuid4()",
        "uuid.uuid7": "durable_async.uuid4()",
    },
    pure={
        "random.Random": "*",
        "secrets": "compare_digest",
        "uuid": "uuid3 uuid5 UUID SafeUUID",
        "hashlib": "*",
        "hmac": "*",
    },
    results={
        "random": {
            "randint": "builtins.int",
            "randrange": "builtins.int",
            "getrandbits": "builtins.int",
            "random": "builtins.float",
            "uniform": "builtins.float",
            "gauss": "builtins.float",
            "triangular": "builtins.float",
            "normalvariate": "builtins.float",
            "expovariate": "builtins.float",
            "betavariate": "builtins.float",
            "randbytes": "builtins.bytes",
            "sample": "builtins.list",
            "choices": "builtins.list",
        },
        "hashlib": dict.fromkeys(
            ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "new", "blake2b"),
            "hashlib.HASH",
        ),
    },
    aliases={
        "secrets.SystemRandom": "random.SystemRandom",
        "secrets.compare_digest": "hmac.compare_digest",
    },
)
