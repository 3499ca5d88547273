from __future__ import annotations

import asyncio
import threading
from datetime import timedelta
from typing import TYPE_CHECKING

import durable_async as da

from . import chain, settings as cfg
from .activities import broadcast, hsm_sign, page_officer
from .signers import AuditedSigner, Nonce, Share, jitter, steady_jitter

if TYPE_CHECKING:
    from .settings import Fees


@da.orchestrator
async def withdraw(account: str, amount: int, officers: list[str]) -> str:
    limits = cfg.Limits()  # expect: DUR124
    if amount > limits.daily:
        return "refused"
    if da.now() < cfg.WARM_UNTIL:  # expect: DUR101
        await da.sleep(timedelta(minutes=5))
    signer = AuditedSigner(key=account)
    signed = await signer({"amount": amount, "nonce": Nonce.make(8), "fee": cfg.FEES.fast})
    await asyncio.sleep(jitter())
    txid = await broadcast(signed)
    while not await chain.deep_enough(txid):
        await asyncio.sleep(60 + steady_jitter())
    da.set_custom_status(f"{cfg.PROCESS_TAG} {txid}")  # expect: DUR111
    return f"{cfg.HOST}/{cfg.NETWORK}/{txid}"


@da.orchestrator
async def rotate_keys(vault: str, shares: list[bytes], ring: list[str]) -> list[str]:
    out = []
    for index, value in enumerate(shares):
        share = Share(index, value)
        mixed = share.blinded() + share.masked()
        out.append(await hsm_sign(vault, [("share", mixed.hex()), ("n", Nonce.durable(4))]))
    pool = chain.NodePool()
    out.append(f"{pool.height()} {pool.address()}")
    await chain.in_order(lambda: len(out), lambda: len(ring))
    out.append(str(await chain.off_loop(lambda: len(ring))))
    for member in dict.fromkeys(ring):
        out.append(await chain.second_opinion(member))
    return out


@da.orchestrator
async def sweep(vault: str, pairs: list[str]) -> float:
    worth = sum(chain.cached_price(pair) for pair in pairs)
    if chain.in_pool(lambda: len(pairs)) > 9:
        chain.unwind(chain.release_lock, pairs.clear)
    if (da.now() - cfg.EPOCH).days > 365:
        worth *= cfg.FEES.slow
    return worth


@da.orchestrator
async def quorum(request: str, officers: list[str], guard: threading.Lock) -> bool:  # expect: DUR152
    async def ask(officer: str) -> bool:
        await page_officer(officer, request)
        try:
            return await da.wait_for_event(f"{request}:{officer}", bool)
        finally:
            return False  # expect: DUR135

    try:
        async with asyncio.timeout(3600), asyncio.TaskGroup() as group:
            votes = [group.create_task(ask(officer)) for officer in officers]
    except TimeoutError:
        return False
    return all(vote.result() for vote in votes)


@da.orchestrator
def freeze(account: str) -> None:  # expect: DUR152
    broadcast(account)  # expect: DUR133


def make_flow(limit: int):
    @da.orchestrator
    async def limited(account: str) -> bool:  # expect: DUR152
        return await chain.deep_enough(account) and limit > 0

    return limited
