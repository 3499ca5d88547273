"""Makes payloads unreadable for whoever lacks the key. Invariant: a payload comes back as it was,
or not at all: each is authenticated, and its mark with it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any, Final

from durable_async.codecs.marks import marked, unmarked
from durable_async.errors import SerializationError
from durable_async.model.payload import Payload

__all__ = ["EncryptionCodec"]

_MARK: Final = "aes-gcm"
_NONCE: Final = 12
_TAG: Final = 16
_SIZES: Final = (16, 24, 32)
_KEY_ID: Final = re.compile(r"[A-Za-z0-9_.:@-]{1,64}")


class EncryptionCodec:
    """Encrypts payloads with AES-GCM. Needs the extra `crypto`.

    keys: by id; each has 16, 24 or 32 bytes (`secrets.token_bytes(32)`). The id stands readable
    beside each payload. current: the id of the key that new payloads are encrypted with; the
    others are there to read what is stored. May be left out if there is one key. associated:
    authenticated with each payload and not stored, e.g. the name of the environment: what was
    encrypted under another one cannot be read.

    To change keys, give all processes the new key as well; then make it `current`; and take the
    old one out when no instance that was stored with it is left. A process that lacks a key
    holds the instances that need it BLOCKED; they go on in one that has it.

    A payload without this codec's mark is read as it is, so that encryption may be added later.
    What stays readable: ids, names, tags, times, classes of failures, lines of code. What is
    unreadable is listed in docs/howto/payloads.md.
    Raises: ValueError for keys that cannot be used; ImportError, saying what to install.
    Known elsewhere as: Temporal's encryption codec samples.
    """

    rank: Final = 2

    def __init__(
        self,
        keys: Mapping[str, bytes],
        *,
        current: str | None = None,
        associated: bytes = b"",
    ) -> None:
        make = _aes_gcm()
        for key_id, key in keys.items():
            _check(key_id, key)
        self._ciphers: dict[str, Any] = {key_id: make(bytes(key)) for key_id, key in keys.items()}
        self._current = _chosen(current, self._ciphers)
        self._associated = bytes(associated)

    def __repr__(self) -> str:
        return f"EncryptionCodec(keys {sorted(self._ciphers)}, current={self._current!r})"

    @property
    def fingerprint(self) -> str:
        """Which keys there are. An instance that was BLOCKED where a key was missing is tried
        again by a worker whose codec says something else here."""
        return f"{_MARK}:{','.join(sorted(self._ciphers))}"

    def encode(self, payload: Payload) -> Payload:
        encoding = marked(_MARK, marked(self._current, payload.encoding))
        nonce = os.urandom(_NONCE)
        cipher = self._ciphers[self._current]
        data: bytes = cipher.encrypt(nonce, payload.data, self._authenticated(encoding))
        return Payload(nonce + data, encoding)

    def decode(self, payload: Payload) -> Payload:
        """Raises: SerializationError, naming the key, if it is missing or does not fit."""
        found = unmarked(payload.encoding, (_MARK,))
        if found is None:
            return payload
        key_id, _, below = found[1].partition("/")
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            known = ", ".join(map(repr, sorted(self._ciphers)))
            raise SerializationError(
                f"it is encrypted with key {key_id!r}, and this process has {known}. Add that key "
                "to EncryptionCodec(keys=...)"
            )
        if len(payload.data) < _NONCE + _TAG:
            raise _unfit(key_id)
        nonce, data = payload.data[:_NONCE], payload.data[_NONCE:]
        try:
            plain: bytes = cipher.decrypt(nonce, data, self._authenticated(payload.encoding))
        except Exception as error:  # InvalidTag says nothing, on purpose
            raise _unfit(key_id) from error
        return Payload(plain, below)

    def _authenticated(self, encoding: str) -> bytes:
        # The length makes the two parts unmistakable.
        return b"%d:%b%b" % (len(self._associated), self._associated, encoding.encode())


def _unfit(key_id: str) -> SerializationError:
    return SerializationError(
        f"it does not fit key {key_id!r}: the payload was changed, or it was encrypted with other "
        "bytes under this id, or with other associated data"
    )


def _check(key_id: object, key: object) -> None:
    if not isinstance(key_id, str) or not _KEY_ID.fullmatch(key_id):
        raise ValueError(
            f"{key_id!r} is no id of a key: it stands in the store beside each payload; use 1 to "
            "64 letters, digits and any of _.:@-"
        )
    if not isinstance(key, bytes | bytearray | memoryview):
        raise ValueError(
            f"key {key_id!r} is {type(key).__name__}; it must be bytes, such as "
            "base64.b64decode(os.environ['KEY'])"
        )
    if len(key) not in _SIZES:
        raise ValueError(
            f"key {key_id!r} has {len(key)} bytes; AES takes 16, 24 or 32. Make one with "
            "secrets.token_bytes(32)"
        )


def _chosen(current: str | None, keys: Mapping[str, object]) -> str:
    if not keys:
        raise ValueError('no key is given: EncryptionCodec({"2026": key})')
    if current is None:
        if len(keys) > 1:
            raise ValueError(f"say which key encrypts: current= one of {sorted(keys)}")
        return next(iter(keys))
    if current not in keys:
        raise ValueError(f"current is {current!r}, which is none of the keys {sorted(keys)}")
    return current


def _aes_gcm() -> Any:
    try:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    except ImportError as error:
        raise ImportError(
            'EncryptionCodec needs the extra `crypto`: pip install "durable-async[crypto]"'
        ) from error
    return AESGCM
