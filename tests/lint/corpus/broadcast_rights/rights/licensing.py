"""Flows of the licensing desk."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import TextIO

import aiocron
import aiometer
import durable_async as da

from ._flow import flow, step
from .delivery import Delivery, deliver_all, settle
from .windows import Schedule, Window


@step
async def register(title: str, holder: str) -> str:
    return f"{title}/{holder}"


@step
async def read_contract(
    title: str,
    source: TextIO,  # expect: DUR152
) -> str:
    return source.read() + title


@step
def upload(title: str, connection: socket.socket) -> int:  # expect: DUR152
    return connection.send(title.encode())


@step
async def invoice(title: str, cents: int) -> str | None: ...


@flow
async def license_title(title: str, windows: list[Window]) -> list[str]:
    schedule = Schedule(windows)
    if schedule.conflicts():
        invoice(title, 0)  # expect: DUR133
        return []
    for territory in schedule.territories():  # expect: DUR134
        await register(title, territory)
    receipt = await settle(title)
    try:
        receipts = [await register(title, holder) for holder in schedule.holders()]
        receipts.append(receipt)
    except BaseException as error:  # expect: DUR135
        da.get_logger(__name__).error("%s: %r", title, error)
        receipts = []
    return receipts


@flow(name="renew-licence")
async def renew(title: str, until: datetime) -> str:
    extra = invoice(title, 100)
    await da.sleep_until(until)
    number = f"{register(title, 'renewal')}"  # expect: DUR133
    return number + str(await extra)


@flow(name="renew-licence", version="2")
async def renew_v2(title: str, until: datetime) -> str:
    pending = register(title, "renewal")
    await da.sleep_until(until - timedelta(days=30))
    return await pending


@flow(name="renew-licence")
async def renew_urgently(title: str) -> str:  # expect: DUR152
    return await register(title, "urgent")


@flow
async def price(title: str, rule: Callable[[str], int]) -> int:  # expect: DUR152
    await da.sleep(1)
    return rule(title)


@flow
async def audit(title: str, lock: threading.Lock, depth: int = 0) -> None:  # expect: DUR152
    await aiocron.crontab("0 3 * * *").next()  # expect: DUR132
    await aiometer.run_all([deliver_all])  # expect: DUR132
    da.continue_as_new(audit(title, lock, depth + 1))


@flow
async def titles_of(holder: str) -> Iterator[str]:  # expect: DUR152
    await asyncio.sleep(1)
    return iter([holder])


@flow
async def watch_rights(title: str, deliveries: int = 0) -> None:
    while True:  # expect: DUR151
        event = await da.wait_for_event("delivery", str)
        for _ in range(3):
            if event == title:
                break
            deliveries += 1


@flow
async def deliver(title: str, broadcasters: list[str]):  # expect: DUR152
    delivery = Delivery(title)
    async with delivery:
        return await deliver_all(delivery, broadcasters)


def family(prefix: str):
    """A flow per broadcaster group."""

    @flow(name=f"{prefix}-rights")
    async def member(title: str) -> str:  # expect: DUR152
        return await register(title, prefix)

    return member


ard, zdf = family("ard"), family("zdf")
