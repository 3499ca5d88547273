from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from typing import Any, NamedTuple, overload

import numpy as np
from ulid import ULID

import durable_async as da

from .activities import hsm_sign


class Share(NamedTuple):
    index: int
    value: bytes

    def blinded(self) -> bytes:
        pad = os.urandom(len(self.value))  # expect: DUR111
        return bytes(a ^ b for a, b in zip(self.value, pad))

    def masked(self) -> bytes:
        generator = np.random.default_rng(self.index)
        return bytes(a ^ int(b) for a, b in zip(self.value, generator.integers(0, 255, len(self.value))))


class Nonce:
    @overload
    @staticmethod
    def make(size: int) -> str: ...
    @overload
    @staticmethod
    def make(size: str) -> str: ...
    @staticmethod
    def make(size: Any) -> str:
        return secrets.token_hex(int(size))  # expect: DUR111

    @staticmethod
    def durable(size: int) -> str:
        return da.random("nonce").randbytes(size).hex()


def jitter() -> float:
    return float(np.random.uniform(0.0, 2.0))  # expect: DUR111


def steady_jitter() -> float:
    return da.random().uniform(0.0, 2.0)


def request_id() -> str:
    return str(ULID())  # expect: DUR112


def parsed_id(text: str) -> str:
    import uuid

    return str(uuid.UUID(text))


class Signer:
    def __init__(self, **options: Any) -> None:
        self.options = options

    def __getattr__(self, name: str) -> Any:
        return self.options[name]

    async def __call__(self, payload: Mapping[str, Any]) -> str:
        return await hsm_sign(self.key, sorted(payload.items()))


class AuditedSigner(Signer):
    async def __call__(self, payload: Mapping[str, Any]) -> str:
        signed = await super().__call__(payload)
        return f"{signed}.{request_id()}"
