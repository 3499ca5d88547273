"""Proof of reserves, once a quarter."""
from __future__ import annotations

import asyncio
import os
import secrets
import sys
import time
from uuid import uuid4

import anyio.to_thread

from custody._rt import flow, rt
from custody.attest import Attestor, merkle_root, signed_by
from custody.chain import confirmations, freeze


@flow
async def proof_of_reserves(wallets: list[str]) -> str:
    root = merkle_root({w.lower() for w in wallets})
    salt = secrets.token_bytes(8).hex()  # expect: DUR111
    quarter = time.gmtime().tm_mon // 4  # expect: DUR101
    attestor = Attestor(os.environ["AUDITOR"])  # expect: DUR124
    statement = await attestor.sign(f"{root}{salt}{quarter}")
    if sys.platform == "win32":  # expect: DUR125
        statement += "\r"
    while True:  # expect: DUR151
        if await confirmations(statement) > 6:
            await freeze(statement)
        await rt.sleep(600)


@flow
async def attest_wallet(wallet: str) -> bool:
    try:
        signed = await asyncio.wait_for(rt.wait_for_event("signed", dict[str, str]), 3600)
    except:  # expect: DUR135
        await freeze(wallet)
        return False
    names = signed_by(signed)
    await anyio.to_thread.run_sync(len, names)  # expect: DUR131
    for name in sorted(names):
        freeze(name)  # expect: DUR133
    order = [n for n in names & {"alice", "bob"}]  # expect: DUR134
    return bool(order)


@flow
async def attest_many(wallets: list[str]) -> list[bool]:
    """Children in a bounded fan-out."""
    gate = asyncio.Semaphore(4)

    async def one(wallet: str) -> bool:
        async with gate:
            return await attest_wallet(wallet)

    run = f"run-{uuid4().hex}"  # expect: DUR112
    rt.set_custom_status(run)
    return await asyncio.gather(*(one(w) for w in wallets))
