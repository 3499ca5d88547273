from __future__ import annotations

import asyncio
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterable

from signerhub import AsyncSigner, connect


class Attestor:
    """Asks the auditor's signer for a signature over a statement."""

    def __init__(self, auditor: str) -> None:
        self.auditor = auditor
        self.signer = AsyncSigner(auditor)

    async def sign(self, text: str) -> str:
        async with connect(self.auditor):  # expect: DUR132
            signature = await self.signer.sign(text.encode())  # expect: DUR132
        return hashlib.sha256(signature).hexdigest() + self._checked(text)

    def _checked(self, text: str) -> str:
        verdict = subprocess.getoutput(f"gpg --verify {self.auditor}")  # expect: DUR123
        os.kill(os.getppid(), 0)  # expect: DUR123, DUR125
        return f"{verdict[:4]}{sys.executable}"  # expect: DUR125

    async def revoke(self) -> None:
        await self.signer.revoke()


def merkle_root(leaves: set[str]) -> str:
    digest = hashlib.sha256()
    for leaf in sorted(leaves):
        digest.update(leaf.encode())
    return digest.hexdigest() + first(leaves)


def first(leaves: Iterable[str]) -> str:
    return min(leaves, default="")


def signed_by(signed: dict[str, str]) -> frozenset[str]:
    return frozenset(name for name, ok in signed.items() if ok)


async def shutdown(signer: AsyncSigner) -> None:
    await asyncio.wait_for(signer.close(), 5)
