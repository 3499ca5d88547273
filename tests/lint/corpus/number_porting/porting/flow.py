from __future__ import annotations

import asyncio
import contextlib
import functools
import operator
from datetime import date

import aiorwlock
import curio

import durable_async as da
from porting import observers, switch
from porting.messages import Listener, PortRequest, PortResult, Rejected
from porting.switch import Gateway, command
from porting.windows import Freeze, Inbox, Night, NoHoliday, Window, loop_age

HOLIDAYS = {date(2025, 12, 25), date(2025, 12, 26), date(2026, 1, 1)}
NIGHT = Window(Night(), NoHoliday(HOLIDAYS), Freeze())


async def _cut_over(request: PortRequest, inbox: Inbox) -> list[str]:
    done: list[str] = []
    async with contextlib.AsyncExitStack() as undo:
        for number in sorted(request.numbers):
            inbox.put(command("CUT", number))
            done.append(await switch.route(number, request.recipient))
            undo.push_async_callback(switch.route, number, request.donor)
        undo.pop_all()
    return done


async def _verify(request: PortRequest) -> bool:
    calls = [switch.test_call(number) for number in request.numbers]  # expect: DUR134
    results = await asyncio.gather(*calls)
    return all(results)


async def _first_answer(request: PortRequest) -> str:
    waits = {
        asyncio.create_task(da.wait_for_event("accepted", str), name="accepted"),
        asyncio.create_task(da.wait_for_event("declined", str), name="declined"),
    }
    finished, rest = await asyncio.wait(waits, timeout=86_400, return_when=asyncio.FIRST_COMPLETED)
    for task in rest:
        task.cancel()
    return next((task.get_name() for task in finished), "silent")


async def _drain(inbox: Inbox) -> list[str]:
    lines = []
    while True:
        line = await inbox.get()
        if line is None:
            return lines
        lines.append(line)


@da.orchestrator
async def port(request: PortRequest, urgent: bool = False) -> PortResult:
    watcher = observers.Observers(("log", "alarm") if urgent else None)
    inbox = Inbox()
    result = PortResult(request.number, "new")
    try:
        ticket = await Gateway.announce(request.number, request.donor, request.recipient)
    except Rejected as rejected:
        result.state = f"rejected ({rejected.code})"
        return result
    drain = watcher.watch(asyncio.create_task(_drain(inbox)))
    answer = await _first_answer(request)
    if answer != "accepted":
        await Gateway.withdraw(ticket)
        drain.cancel()
        result.state = answer
        return result

    loop = asyncio.get_running_loop()
    begin = loop.time()
    reminder = observers.escalate_later(loop, 7200, request.number)
    moment = request.wish or await NIGHT.opened()
    cut = watcher.watch(asyncio.create_task(_cut_over(request, inbox), name=f"cut-{request.number}"))
    result.steps.extend(await cut)
    reminder.cancel()
    if not await _verify(request):
        raise RuntimeError(f"test calls failed {loop_age(loop, begin):.0f} s after {moment}")
    inbox.put(None)
    result.steps += await drain
    result.state = "ported"
    da.set_custom_status(observers.summary())
    return result


@da.orchestrator
async def port_block(requests: list[PortRequest]) -> list[str]:
    lock = aiorwlock.RWLock()
    donors = {request.donor for request in requests}
    async with asyncio.TaskGroup() as group:
        tasks = {group.create_task(port(request)) for request in requests}
    async with lock.writer:  # expect: DUR132
        states = [task.result().state for task in tasks]
    for position, donor in enumerate(donors):  # expect: DUR134
        await da.start(report(donor, position), id=f"report-{donor}")
    await curio.sleep(1)  # expect: DUR132
    return sorted(states)


@da.orchestrator
async def report(donor: str, position: int) -> str:
    inbox = Inbox()
    inbox.put(position)
    first = inbox.get_legacy() if position > 100 else await inbox.get()
    key = functools.reduce(operator.xor, map(ord, donor), hash((position, 7)))
    return f"{donor}-{first}-{key:x}"


@da.orchestrator
async def listen(listener: Listener, name: str) -> None:  # expect: DUR152
    for task in asyncio.all_tasks():  # expect: DUR134
        if task.get_name() == name:
            await asyncio.wait([task], timeout=60)
    while 1:  # expect: DUR151
        payload = await da.wait_for_event(listener.name, dict[str, str])
        await switch.test_call(payload["number"])


async def ask_operator(number: str) -> bool:
    """Used by the console, outside of any porting."""
    if switch.test_call(number):  # expect: DUR133
        print("reachable", number)
    again = switch.test_call(number)
    return await again
