"""Random orchestrators end the same, whether their coroutines are kept, rebuilt, or lost at every
commit."""

import asyncio
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from durable_async.dsl.decorators import activity, orchestrator
from durable_async.dsl.durables import now, random, side_effect, uuid4, wait_for_event
from durable_async.errors import DeadlockError, NonDeterminismError
from durable_async.testing import environment, replay

START = datetime(2026, 1, 1, tzinfo=UTC)

# A program is nested lists: ["step", 3], ["sleep", 60], ["race", [30, 60]], ["event", "name"],
# ["fail"], ["luck"], ["seq", [...]], ["all", [...]], ["limit", 60, [...]]. Activities do not race
# with each other: which of two comes first is not promised.
LEAVES = st.one_of(
    st.tuples(st.just("step"), st.integers(0, 9)).map(list),
    st.tuples(st.just("sleep"), st.integers(0, 300)).map(list),
    st.tuples(st.just("race"), st.lists(st.integers(0, 300), min_size=1, max_size=4)).map(list),
    st.tuples(st.just("event"), st.sampled_from(["a", "b"])).map(list),
    st.just(["fail"]),
    st.just(["luck"]),
)
PROGRAMS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(["seq", "all"]), st.lists(inner, max_size=4)).map(list),
        st.tuples(st.just("limit"), st.integers(1, 200), st.lists(inner, max_size=3)).map(list),
    ),
    max_leaves=10,
)


@activity
async def step(number: int) -> int:
    for _ in range(number % 3):
        await asyncio.sleep(0)
    return number


@activity
async def fail() -> None:
    raise LookupError("as asked")


async def play(program: Sequence[Any]) -> Any:
    match program:
        case ["step", number]:
            return await step(number)
        case ["sleep", seconds]:
            await asyncio.sleep(seconds)
            return now().isoformat()
        case ["event", name]:
            return await wait_for_event(name, str)
        case ["fail"]:
            await fail()
        case ["luck"]:
            return [str(uuid4()), random().random(), side_effect(lambda: 4)]
        case ["seq", parts]:
            return [await guarded(part) for part in parts]
        case ["all", parts]:
            return await asyncio.gather(*(guarded(part) for part in parts))
        case ["race", sleeps]:
            return await first_of(sleeps)
        case ["limit", seconds, parts]:
            async with asyncio.timeout(seconds), asyncio.TaskGroup() as group:
                tasks = [group.create_task(play(part)) for part in parts]
            return [task.result() for task in tasks]
        case _:
            raise AssertionError(program)
    return None


async def first_of(sleeps: Sequence[int]) -> list[int]:
    tasks = [asyncio.create_task(asyncio.sleep(seconds, seconds)) for seconds in sleeps]
    done, rest = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in rest:
        task.cancel()
    return [task.result() for task in tasks if task in done]


async def guarded(program: Sequence[Any]) -> Any:
    try:
        return await play(program)
    except (LookupError, TimeoutError, ExceptionGroup) as error:
        return f"{type(error).__name__} at {now().isoformat()}"


@orchestrator
async def flow(program: list[Any]) -> Any:
    async with asyncio.timeout(3_600):
        return await guarded(program)


async def run(program: list[Any], **how: Any) -> tuple[Any, ...]:
    """What the program comes to, and when; its execution id decides its luck, so that is fixed."""
    async with environment([flow, step, fail], start_time=START, **how) as env:
        handle = await env.client.start(flow(program))
        for name in ("a", "b", "a"):
            await env.advance(20)
            state = await handle.state()
            if not state.status.has_ended:
                await handle.raise_event(name, f"{name} at {env.now().isoformat()}")
        state = await handle.wait()
        replay(await handle.history(), [flow])
        failure = None if state.failure is None else state.failure.type_name
        return state.status, without_luck(state.output), failure, state.completed_at


def without_luck(output: Any) -> Any:
    """Ids differ from run to run, and with them the luck."""
    match output:
        case [str() as text, float(), 4] if len(text) == 36:
            return "luck"
        case list():
            return [without_luck(each) for each in output]
        case _:
            return output


@pytest.mark.parametrize("how", [{"rebuild": True}, {"crash": "every-commit"}, {"cache": 1}])
@settings(max_examples=40)
@given(program=PROGRAMS)
def test_every_mode_comes_to_the_same(how: dict[str, Any], program: list[Any]) -> None:
    async def both() -> None:
        assert await run(program, **how) == await run(program)

    asyncio.run(both())


async def test_arguments_from_outside_of_history_are_found_by_a_rebuild() -> None:
    @activity
    async def pay(key: str) -> str:
        return key

    @orchestrator
    async def careless() -> None:
        key = str(uuid.uuid4())
        await pay(key)
        await pay(key)

    async with environment([careless, pay], rebuild=True) as env:
        handle = await env.client.start(careless())
        with pytest.raises(NonDeterminismError, match=r"da\.uuid4\(\)"):
            await handle.result()


@pytest.mark.parametrize("rebuild", [False, True])
async def test_a_deadlock_names_the_line_of_each_task(rebuild: bool) -> None:
    @orchestrator
    async def stuck() -> None:
        await asyncio.Event().wait()

    async with environment([stuck], rebuild=rebuild) as env:
        handle = await env.client.start(stuck())
        with pytest.raises(DeadlockError, match=r"test_modes\.py:\d+"):
            await handle.result()
