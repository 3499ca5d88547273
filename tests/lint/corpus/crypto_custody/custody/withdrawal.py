"""Withdrawals from cold storage need k of n signers."""
from __future__ import annotations

import asyncio
import threading
import typing as t

from custody._rt import flow, rt
from custody.chain import broadcast, confirmations, freeze, notify_signer
from custody.fees import FeeOracle
from custody.keys import Keyring, derive, key_id
from custody.ledger import Ledger
from custody.limits import Limits


class Withdrawal(t.TypedDict):
    wallet: str
    to: str
    sats: int


@flow
async def withdraw(request: Withdrawal, signers: t.Set[str], threshold: int) -> str:
    ledger = Ledger(request["wallet"])
    if not Limits().allows(request["sats"]):
        await freeze(request["wallet"])
        return "limit"
    await ledger.reserve(request["sats"])
    for signer in signers:  # expect: DUR134
        await notify_signer(signer, request["wallet"])
    approved: set[str] = set()
    try:
        async with asyncio.timeout(86_400):
            while len(approved) < threshold:
                approved.add(await rt.wait_for_event("approved", str))
    except TimeoutError:
        await ledger.release(request["sats"])
        return "expired"
    except asyncio.CancelledError as stop:  # expect: DUR135
        await ledger.release(request["sats"])
        if "force" not in str(stop):
            raise
    except BaseException:
        await ledger.release(request["sats"])
        raise

    key = Keyring(request["wallet"]).next()
    fee = FeeOracle().quote(len(approved))
    digest = derive(key, *sorted(approved))
    tx = await broadcast(digest, request["to"], request["sats"] - fee)
    while await confirmations(tx) < 6:
        await asyncio.sleep(600)
    notify_signer(key_id(key), tx)  # expect: DUR133
    return tx


@flow(name="custody.rotate")
async def rotate(wallet: str, latch: threading.Lock) -> None:  # expect: DUR152
    ring = Keyring(wallet)
    while True:
        await freeze(ring.next())
        if ring.exhausted:
            break
        await rt.sleep(3600)


def flow_for(wallet: str) -> t.Any:
    @flow
    async def sweep_wallet(sats: int) -> str:  # expect: DUR152
        return await broadcast(wallet, "cold", sats)

    return sweep_wallet
