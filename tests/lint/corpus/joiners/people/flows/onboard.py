from __future__ import annotations

import asyncio
import json
import subprocess

import attrs
import trio

import durable_async as da

from people import render, steps
from people.flows.base import Journal, approval, first_of, patiently, politely
from people.steps import order_laptop, send_mail


@attrs.frozen
class Joiner:
    given: str
    family: str
    address: str
    groups: frozenset[str] = frozenset()


def _welcome(joiner: Joiner) -> dict[str, str]:
    return {"name": joiner.given, "groups": ", ".join(joiner.groups)}  # expect: DUR134


def _commit() -> str:
    return subprocess.getoutput("git rev-parse HEAD")  # expect: DUR123


@da.orchestrator
async def onboard(joiner: Joiner, taken: set[str]) -> str:
    with Journal() as journal:
        login = render.login_for(joiner.given, joiner.family, taken)
        await steps.create_account(login, sorted(joiner.groups))
        journal += f"account {login}"
        parcel = order_laptop("x1", joiner.address)
        if not await approval("contract-signed"):
            await steps.disable_account(login)
            return ""
        number = await parcel
        state = await first_of(steps.track_parcel(number), asyncio.sleep(14 * 86_400, "late"))
        if state == "late":
            state = await patiently(steps.track_parcel(number), "lost")
        reply = send_mail(f"{login}@example.org", "welcome", _welcome(joiner))  # expect: DUR133
        journal += json.dumps({"parcel": state, "badge": render.badge_stamp()})
        journal += render.badge_day(asyncio.get_running_loop().time())
    await trio.sleep(1)  # expect: DUR132
    return f"{login}@{_commit()}"


@da.orchestrator(name="offboard")
async def offboard(login: str, last_day: float) -> bool:
    delay = last_day - asyncio.get_running_loop().time()
    da.sleep(max(delay, 0))  # expect: DUR133
    groups = await steps.groups_of(login)
    for group in groups:  # expect: DUR134
        await steps.send_mail(f"{group}@example.org", "leaver", {"login": login})
    await politely(steps.disable_account(login))
    if steps.groups_of(login) == set():  # expect: DUR133
        return True
    return bool(render.interpreter())
