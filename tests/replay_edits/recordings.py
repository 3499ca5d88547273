"""How each program comes to its recorded middle, and from there to its end.

Invariant: a history that stands in `histories/` is never rewritten: it is what a release recorded,
and every later one replays it. `python -m tests.replay_edits.recordings` records what is missing.
"""

from __future__ import annotations

import asyncio
import base64
import json
import sys
import types
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, Final

import attrs

from durable_async import testing
from durable_async.client.handle import Handle
from durable_async.convert.records import decode_events, encode_events, event_as_json
from durable_async.model.history import HistoryEvent
from durable_async.testing.environment import Environment

__all__ = ["RECORDINGS", "Recording", "edited", "load", "recorded", "source_of"]

_HERE: Final = Path(__file__).parent

Step = Callable[[Environment, Handle[Any]], Awaitable[None]]


@attrs.frozen(kw_only=True)
class Recording:
    """call: of the module's orchestrator. before: what else has to live. to_the_middle,
    to_the_end: what happens around it. result: what the program, unchanged, comes to."""

    call: Callable[[types.ModuleType], Coroutine[Any, Any, Any]]
    before: Callable[[Environment, types.ModuleType], Awaitable[None]] | None = None
    to_the_middle: Step
    to_the_end: Step
    result: object


# ---- programs as modules -------------------------------------------------------------------


def source_of(program: str) -> str:
    return (_HERE / "programs" / f"{program}.py").read_text()


def edited(source: str, changes: Sequence[tuple[str, str]]) -> str:
    """Each old text stands in the source once."""
    for old, new in changes:
        if source.count(old) != 1:
            raise AssertionError(f"{source.count(old)} times in the program: {old!r}")
        source = source.replace(old, new)
    return source


def load(program: str, source: str) -> types.ModuleType:
    """The program as a module, under the same name whatever was changed in it: a release replaces
    the one before."""
    module = types.ModuleType(f"replay_edits_{program}")
    sys.modules[module.__name__] = module
    exec(compile(source, f"{program}.py", "exec"), vars(module))
    return module


# ---- the recordings ------------------------------------------------------------------------


async def _nothing(env: Environment, handle: Handle[Any]) -> None:
    await env.advance(0)


def _after(seconds: float) -> Step:
    async def step(env: Environment, handle: Handle[Any]) -> None:
        await env.advance(seconds)

    return step


def _event(name: str, data: object) -> Step:
    async def step(env: Environment, handle: Handle[Any]) -> None:
        await handle.raise_event(name, data)
        await env.advance(0)

    return step


async def _decide(env: Environment, handle: Handle[Any]) -> None:
    await env.advance(9_000)
    await handle.raise_event("decision", "yes")
    await env.advance(0)


async def _ask(env: Environment, handle: Handle[Any]) -> None:
    for question in ("how", "why"):
        await handle.ask("question", question, str)
    await env.advance(61)


async def _start_the_manager(env: Environment, module: types.ModuleType) -> None:
    await env.client.start(module.manager(), id="the-manager")


_DAY: Final = 86_400

RECORDINGS: Final = {
    "checkout": Recording(
        call=lambda m: m.checkout("o-1", {"book": 1_000, "pen": 250}),
        to_the_middle=_after(31),
        to_the_end=_event("confirmed", True),
        result="shipped 2",
    ),
    "report": Recording(
        call=lambda m: (getattr(m, "report", None) or m.quarterly_report)("Q3"),
        to_the_middle=_nothing,
        to_the_end=_event("go", "now"),
        result="published Q3: [4, 4, 3]",
    ),
    "subscription": Recording(
        call=lambda m: m.subscription("ada", "plus"),
        to_the_middle=_after(54 * _DAY),
        to_the_end=_nothing,
        result=3_600,
    ),
    "approval": Recording(
        call=lambda m: m.approval("trip", ["ann", "bob"]),
        to_the_middle=_decide,
        to_the_end=_event("comment", "fine"),
        result="trip: yes (fine)",
    ),
    "onboarding": Recording(
        call=lambda m: m.onboarding("Ada", ["mail", "wiki"]),
        before=_start_the_manager,
        to_the_middle=_after(200),
        to_the_end=_event("first-day", "monday"),
        result=["Ada@mail", "Ada@wiki", "Ada@badges", "laptop of Ada"],
    ),
    "transfer": Recording(
        call=lambda m: m.transfer("anna", "ben", 300),
        to_the_middle=_nothing,
        to_the_end=_event("settled", True),
        result="anna -> ben: 300, 0 left",
    ),
    "assistant": Recording(
        call=lambda m: m.assistant(0),
        to_the_middle=_ask,
        to_the_end=_event("topic", "done"),
        result="2 turns",
    ),
    "provisioning": Recording(
        call=lambda m: m.provisioning("web", 10),
        to_the_middle=_after(140),
        to_the_end=_event("keep", True),
        result="net-web+disk-web-10@b",
    ),
}


# ---- what was recorded ---------------------------------------------------------------------


def _file(program: str) -> Path:
    return _HERE / "histories" / f"{program}.json"


def recorded(program: str, where: str) -> tuple[HistoryEvent, ...]:
    """where: "middle" or "end"."""
    return decode_events(base64.b64decode(json.loads(_file(program).read_text())[where]["stored"]))


def _as_json(history: Sequence[HistoryEvent]) -> dict[str, Any]:
    """The events, for people; and as they are stored, for the replay."""
    return {
        "stored": base64.b64encode(encode_events(history)).decode("ascii"),
        "events": [event_as_json(event) for event in history],
    }


async def record(program: str) -> dict[str, Any]:
    recording = RECORDINGS[program]
    module = load(program, source_of(program))
    async with testing.environment([module]) as env:
        if recording.before is not None:
            await recording.before(env, module)
        handle = await env.client.start(recording.call(module), id=program)
        await recording.to_the_middle(env, handle)
        middle = await handle.history()
        await recording.to_the_end(env, handle)
        assert await handle.result() == recording.result
        return {"middle": _as_json(middle), "end": _as_json(await handle.history())}


def main() -> None:
    for program in RECORDINGS:
        file = _file(program)
        if not file.exists():
            file.parent.mkdir(exist_ok=True)
            file.write_text(json.dumps(asyncio.run(record(program)), indent=1) + "\n")


if __name__ == "__main__":
    main()
