"""Money between accounts, under a lock, with an audit trail that nobody waits for."""

import asyncio

import attrs

import durable_async as da


@da.entity
@attrs.define
class Account:
    balance: int = 0

    def deposit(self, cents: int) -> int:
        self.balance += cents
        return self.balance

    def withdraw(self, cents: int) -> int:
        self.balance -= cents
        return self.balance

    def read(self) -> int:
        return self.balance


@da.entity
@attrs.define
class Audit:
    lines: list[str] = attrs.field(factory=list)

    def write(self, line: str) -> None:
        self.lines.append(line)


@da.activity
async def receipt(source: str, target: str, cents: int) -> str:
    return f"{source} -> {target}: {cents}"


@da.orchestrator
async def transfer(source: str, target: str, cents: int) -> str:
    payer, payee = da.entity_ref(Account, source), da.entity_ref(Account, target)
    audit = da.entity_ref(Audit, "all")
    await payer.call(Account.deposit, cents)
    async with da.lock(payer, payee):
        await payer.call(Account.withdraw, cents)
        await payee.call(Account.deposit, cents)
    audit.signal(Audit.write, f"{source} {cents}")
    await da.wait_for_event("settled", bool)
    await asyncio.sleep(10)
    left = await payer.call(Account.read)
    return f"{await receipt(source, target, cents)}, {left} left"
