"""Moving money between accounts."""

from __future__ import annotations

import asyncio
import contextlib
from decimal import Decimal

import durable_async as da

from .accounts import Account, Posting
from .activities import CoreBanking, alert, sign_statement
from .container import Container
from .decorators import audited, idempotent
from .policies import Policy, policy_for
from .rates import RateTable


def wire() -> Container:
    container = Container()
    container.register(RateTable, lambda: RateTable().load())
    return container


@audited("transfer", loud=True)
async def move(source: str, target: str, cents: int) -> str:
    first = await CoreBanking.post(source, -cents)
    second = await CoreBanking.post(target, cents)
    return first + second


@idempotent
def describe(posting: Posting) -> str:
    return f"{posting.account} {posting.signed()}"


class TransferSaga:
    """Compensates what has been done when a later leg fails."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.done: list[tuple[str, int]] = []

    async def __aenter__(self) -> "TransferSaga":
        return self

    async def __aexit__(self, kind, error, trace) -> bool:
        if error is not None:
            for account, cents in reversed(self.done):
                CoreBanking.post(account, -cents)  # expect: DUR133
        return False

    async def leg(self, account: str, cents: int) -> None:
        if abs(cents) not in self.policy:
            raise PermissionError(self.policy.label)
        await CoreBanking.post(account, cents)
        self.done.append((account, cents))


@da.orchestrator
async def transfer_money(source: str, target: str, cents: int, segment: str) -> str:
    container = wire()
    rates = container.get(RateTable)
    table = container.singleton(RateTable)
    amount = Decimal(cents) * rates["CHF"]
    async with TransferSaga(policy_for(segment)) as saga:
        await saga.leg(source, -cents)
        await saga.leg(target, cents)
    posting = Posting(target, amount)
    receipt = await move(source, target, cents)
    return await sign_statement(f"{describe(posting)} {receipt} {table.name}")


@da.orchestrator(name="close-account")
async def close_account(account: str) -> int:
    ref = da.entity_ref(Account, account)
    async with da.lock(ref):
        balance = await ref.call(Account.withdraw, 1)
    try:
        await CoreBanking.freeze(account)
    except BaseException as problem:  # expect: DUR135
        if isinstance(problem, ValueError):
            raise
        await alert(f"cannot freeze {account}: {problem}")
    return balance


@da.orchestrator
async def settle_batch(accounts: list[str]) -> list[str]:
    unique = frozenset(accounts)
    receipts = await asyncio.gather(*[CoreBanking.post(name, 1) for name in unique])  # expect: DUR134
    ordered = sorted(unique)
    receipts += await asyncio.gather(*[CoreBanking.post(name, 2) for name in ordered])
    watcher = asyncio.create_task(alert("settling"))
    watcher.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await watcher
    alert(f"{len(unique)} settled")  # expect: DUR133
    return receipts


@da.orchestrator
def freeze_all(accounts: list[str]) -> None:  # expect: DUR152
    for account in accounts:
        CoreBanking.freeze(account)  # expect: DUR133
