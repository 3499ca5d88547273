"""Makes payloads smaller. Invariant: what would not become smaller stays as it is."""

from __future__ import annotations

import zlib
from typing import Any, Final, Literal

from durable_async.codecs.marks import marked, unmarked
from durable_async.errors import SerializationError
from durable_async.model.payload import RAW_LIMIT, Payload

__all__ = ["CompressionCodec"]

Method = Literal["zlib", "zstd"]

_METHODS: Final = ("zlib", "zstd")


class CompressionCodec:
    """Compresses payloads, if that makes them smaller.

    method: how new ones are: "zlib", or "zstd", faster and smaller, which needs the extra `zstd`.
    Both are read, whichever is written. level: of the method; its default if None. min_size:
    bytes under which it is not tried. max_size: bytes that a payload may have when it is read: a
    few bytes of a store that somebody else wrote to must not fill the memory.
    Raises: ValueError for settings that make no sense; ImportError, saying what to install.
    """

    rank: Final = 1

    def __init__(
        self,
        method: Method = "zlib",
        *,
        level: int | None = None,
        min_size: int = 1024,
        max_size: int = RAW_LIMIT,
    ) -> None:
        if method not in _METHODS:
            raise ValueError(f'method is "zlib" or "zstd", not {method!r}')
        if method == "zlib" and level is not None and not 0 <= level <= 9:
            raise ValueError(f"level is {level}; zlib has 0 to 9")
        if method == "zstd":
            _zstandard()  # missing, it is missed here and not at the first payload
        self._method = method
        self._level = level
        self._min_size = min_size
        self._max_size = max_size

    def __repr__(self) -> str:
        return f"CompressionCodec({self._method!r})"

    def encode(self, payload: Payload) -> Payload:
        if len(payload.data) < self._min_size:
            return payload
        data = self._compressed(payload.data)
        if len(data) >= len(payload.data):
            return payload
        return Payload(data, marked(self._method, payload.encoding))

    def decode(self, payload: Payload) -> Payload:
        """Raises: SerializationError if it is no compressed data, or too much."""
        found = unmarked(payload.encoding, _METHODS)
        if found is None:
            return payload
        method, below = found
        expand = self._from_zlib if method == "zlib" else self._from_zstd
        return Payload(expand(payload.data), below)

    def _compressed(self, data: bytes) -> bytes:
        if self._method == "zlib":
            return zlib.compress(data, -1 if self._level is None else self._level)
        # One for each payload: they are not to be shared by threads.
        compressor = _zstandard().ZstdCompressor(level=3 if self._level is None else self._level)
        result: bytes = compressor.compress(data)
        return result

    def _from_zlib(self, data: bytes) -> bytes:
        expander = zlib.decompressobj()
        try:
            result = expander.decompress(data, self._max_size + 1)
        except zlib.error as error:
            raise _damaged(error) from error
        if len(result) > self._max_size:
            raise self._too_large()
        if not expander.eof or expander.unused_data:
            raise _damaged("it ends too early, or too late")
        return result

    def _from_zstd(self, data: bytes) -> bytes:
        zstandard = _zstandard()
        try:
            if zstandard.frame_content_size(data) > self._max_size:
                raise self._too_large()
            result: bytes = zstandard.ZstdDecompressor().decompress(
                data, max_output_size=self._max_size
            )
        except zstandard.ZstdError as error:
            raise _damaged(error) from error
        return result

    def _too_large(self) -> SerializationError:
        return SerializationError(
            f"it is larger than {self._max_size:,} bytes when it is expanded. Give the codec a "
            "larger max_size if that is meant"
        )


def _damaged(why: object) -> SerializationError:
    return SerializationError(f"the compressed payload is damaged: {why}")


def _zstandard() -> Any:
    try:
        import zstandard
    except ImportError as error:
        raise ImportError(
            'zstd needs the extra `zstd`: pip install "durable-async[zstd]", or use '
            'CompressionCodec("zlib")'
        ) from error
    return zstandard
