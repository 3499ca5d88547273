"""Key material. The HSM does the real thing; these are derivation paths."""
from __future__ import annotations

import functools
import hashlib
import hmac
import pickle
import random
import uuid


def derive(key: str, *parts: str) -> str:
    mac = hmac.new(key.encode(), digestmod=hashlib.sha256)
    for part in parts:
        mac.update(part.encode())
    return mac.hexdigest()


@functools.cache  # expect: DUR141
def _curve(name: str) -> tuple[int, int]:
    return (2**256 - 2**32 - 977, 7) if name == "secp256k1" else (2**255 - 19, 486662)


class Keyring:
    _issued = 0

    def __init__(self, wallet: str) -> None:
        self.wallet = wallet
        self.exhausted = False
        self._path = [44, 0, 0]
        self._salt = random.getrandbits(64)  # expect: DUR111

    def next(self) -> str:
        type(self)._issued += 1  # expect: DUR141
        self._path[-1] += 1
        self.exhausted = self._path[-1] > 20
        prime, _ = _curve("secp256k1")
        return f"{self.wallet}/{'/'.join(map(str, self._path))}/{self._salt % prime:x}"

    @classmethod
    def restore(cls, blob: bytes) -> Keyring:
        return pickle.loads(blob)


def key_id(key: str) -> str:
    return f"{uuid.getnode():012x}-{object_tag(key)}"  # expect: DUR112


def object_tag(key: str) -> int:
    return hash(key)  # expect: DUR125
