"""Who minds the order of what is iterated, and which methods change what they belong to.

Invariant: data only, by canonical name (`builtins.sorted`) or, for methods, by their own name.
What is in none of these tables is taken to mind the order only if it is seen to.
"""

from typing import Final

__all__ = [
    "FED",
    "FED_FUNCTIONS",
    "FED_METHODS",
    "MUTATORS",
    "ORDER_FREE",
    "ORDER_FREE_METHODS",
    "UNORDERED_TYPES",
]

ORDER_FREE: Final = frozenset(
    {
        *("builtins.sorted", "builtins.len", "builtins.any", "builtins.all", "builtins.bool"),
        *("builtins.min", "builtins.max", "builtins.sum", "builtins.set", "builtins.frozenset"),
        *("builtins.isinstance", "builtins.print", "builtins.type", "builtins.hash"),
        *("collections.Counter", "math.fsum", "math.prod", "math.lcm", "math.gcd"),
        *("heapq.nsmallest", "heapq.nlargest", "statistics.median", "statistics.fmean"),
        *("statistics.mean", "copy.copy", "copy.deepcopy", "asyncio.wait"),
        *("random.Random.seed", "weakref.WeakSet", "sortedcontainers.SortedSet"),
        *("sortedcontainers.SortedList", "sortedcontainers.SortedDict"),
        *("typing.cast", "typing.assert_type", "typing.reveal_type"),
    }
)
"""Called with an iterable, they give the same whatever its order."""

ORDER_FREE_METHODS: Final = frozenset(
    {
        *("add", "discard", "remove", "update", "union", "intersection", "difference"),
        *("symmetric_difference", "intersection_update", "difference_update"),
        *("symmetric_difference_update", "issubset", "issuperset", "isdisjoint", "copy", "clear"),
        *("__contains__", "__len__", "__eq__", "__or__", "__and__", "__sub__", "__xor__"),
    }
)
"""Methods of a set that do not show its order, and methods that take one in without minding it."""

UNORDERED_TYPES: Final = frozenset(
    {
        *("builtins.set", "builtins.frozenset", "typing.AbstractSet", "typing.MutableSet"),
        *("weakref.WeakSet", "weakref.WeakKeyDictionary", "weakref.WeakValueDictionary"),
    }
)
"""Types whose order of iteration means nothing. The views of a dict keep its order."""

_WRITTEN: Final = frozenset({"write", "writelines"})
_DIGEST: Final = frozenset({"update"})
_DRAWN: Final = frozenset(
    {
        *("random", "uniform", "triangular", "randint", "randrange", "choice", "choices", "sample"),
        *("shuffle", "gauss", "normalvariate", "lognormvariate", "expovariate", "betavariate"),
        *("gammavariate", "vonmisesvariate", "paretovariate", "weibullvariate", "binomialvariate"),
        *("getrandbits", "randbytes"),
    }
)

FED: Final[dict[str, frozenset[str]]] = {
    "io.StringIO": _WRITTEN,
    "io.BytesIO": _WRITTEN,
    "csv.Writer": frozenset({"writerow", "writerows"}),
    "csv.DictWriter": frozenset({"writerow", "writerows"}),
    "hashlib.HASH": _DIGEST,
    "hashlib.HASHXOF": _DIGEST,
    "hashlib.HMAC": _DIGEST,
    "hashlib.blake2b": _DIGEST,
    "hashlib.blake2s": _DIGEST,
    "hmac.HMAC": _DIGEST,
    "zlib._Compress": frozenset({"compress"}),
    "builtins.bytearray": frozenset({"append", "extend", "insert"}),
    "array.array": frozenset({"append", "extend", "frombytes", "fromlist", "insert"}),
    "builtins.list": frozenset({"pop"}),
    "collections.deque": frozenset({"pop", "popleft", "rotate"}),
    "asyncio.Queue": frozenset({"get_nowait"}),
    "random.Random": _DRAWN,
    "itertools.count": frozenset({"__next__"}),
}
"""Methods whose calls follow each other: what one gives, or leaves, hangs on those before it."""

FED_METHODS: Final = frozenset().union(*FED.values())
"""The names of all of them."""

FED_FUNCTIONS: Final = frozenset(
    {
        *("builtins.next", "xml.etree.ElementTree.SubElement", "lxml.etree.SubElement"),
        "struct.pack_into",
    }
)
"""Functions that do so to their first argument."""

MUTATORS: Final[dict[str, frozenset[str]]] = {
    "builtins.list": frozenset(
        {"append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort"}
    ),
    "builtins.dict": frozenset({"clear", "pop", "popitem", "setdefault", "update"}),
    "builtins.set": frozenset(
        {
            *("add", "clear", "difference_update", "discard", "intersection_update", "pop"),
            *("remove", "symmetric_difference_update", "update"),
        }
    ),
    "builtins.bytearray": frozenset(
        {"append", "clear", "extend", "insert", "pop", "remove", "reverse"}
    ),
    "collections.deque": frozenset(
        {
            *("append", "appendleft", "clear", "extend", "extendleft", "insert", "pop"),
            *("popleft", "remove", "reverse", "rotate"),
        }
    ),
    "collections.OrderedDict": frozenset(
        {"clear", "move_to_end", "pop", "popitem", "setdefault", "update"}
    ),
    "collections.defaultdict": frozenset({"clear", "pop", "popitem", "setdefault", "update"}),
    "collections.Counter": frozenset(
        {"clear", "pop", "popitem", "setdefault", "subtract", "update"}
    ),
    "collections.ChainMap": frozenset({"clear", "pop", "popitem", "setdefault", "update"}),
    "array.array": frozenset(
        {
            *("append", "byteswap", "extend", "frombytes", "fromlist", "fromunicode", "insert"),
            *("pop", "remove", "reverse"),
        }
    ),
    "weakref.WeakSet": frozenset({"add", "clear", "discard", "pop", "remove", "update"}),
    "weakref.WeakKeyDictionary": frozenset({"clear", "pop", "popitem", "setdefault", "update"}),
    "weakref.WeakValueDictionary": frozenset({"clear", "pop", "popitem", "setdefault", "update"}),
    "itertools.count": frozenset({"__next__"}),
    "io.StringIO": frozenset({"write", "writelines", "truncate", "seek"}),
    "io.BytesIO": frozenset({"write", "writelines", "truncate", "seek"}),
    "asyncio.Queue": frozenset({"put", "put_nowait", "get", "get_nowait"}),
}
"""Methods that change an instance of a type, by type."""
