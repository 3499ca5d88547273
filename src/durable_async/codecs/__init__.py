"""What payloads may go through on their way into the store: made smaller, unreadable, or put
elsewhere.

Invariant: `decode(encode(payload)) == payload`, and what a codec did stands in front of the
payload's encoding ("aes-gcm/2026/zlib/json"), so that each undoes its own work and no other's.

Give one to `Client(codec=...)`, several as a `ChainCodec`. A codec of your own needs the same two
methods (see `durable_async.Codec`).
"""

from durable_async.codecs.chain import ChainCodec
from durable_async.codecs.compression import CompressionCodec
from durable_async.codecs.directory import DirectoryStore
from durable_async.codecs.encryption import EncryptionCodec
from durable_async.codecs.offload import OffloadCodec, PayloadStore

__all__ = [
    "ChainCodec",
    "CompressionCodec",
    "DirectoryStore",
    "EncryptionCodec",
    "OffloadCodec",
    "PayloadStore",
]
