"""How an orchestrator's loop differs from asyncio's own, and why.

Invariant: this table is the page docs/reference/asyncio_differences.md, and each difference that
names tests of CPython is seen by exactly those. `python -m tests.loop.differences` writes the page.
"""

import sys
from pathlib import Path

import attrs

__all__ = ["DIFFERENCES", "PAGE", "Difference", "differing_tests", "page"]

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "asyncio_differences.md"


@attrs.frozen
class Difference:
    """title: what differs. why: for a reader who wrote code that now behaves differently.
    instead: what to do. tests: of CPython's own, that see it ("module.Class.test")."""

    title: str
    why: str
    instead: str
    tests: tuple[str, ...] = ()


DIFFERENCES: tuple[Difference, ...] = (
    Difference(
        title="What leaves the process or the thread is refused",
        why=(
            "`to_thread`, anyio's included, `run_in_executor`, `wrap_future`, sockets, "
            "subprocesses, signals, pipes, name lookups and `call_soon_threadsafe` bring in what "
            "history does not hold, and what replay could not bring again. They raise "
            "`NotDurableError` at the call, before anything is awaited."
        ),
        instead="Do it in an activity, and await that.",
    ),
    Difference(
        title="The loop is not the orchestrator's to run or to stop",
        why=(
            "`run_until_complete`, `run_forever`, `stop` and `close` belong to whoever drives the "
            "loop, and that is the worker. `asyncio.run` raises RuntimeError, as in any running "
            "loop; if nobody catches it, the instance fails with a `NotDurableError` that says "
            "what to do."
        ),
        instead="Await the coroutine, or make a task of it.",
        tests=(
            "test_taskgroups.TestTaskGroup.test_coro_closed_when_tg_closed",
            "test_tasks.BaseTaskTests.test_stop_while_run_in_complete",
        ),
    ),
    Difference(
        title="Tasks are made by the loop",
        why=(
            "`asyncio.Task(...)` would make one that has no number, and that is not unwound with "
            "the others when the instance leaves memory. It raises `NotDurableError`."
        ),
        instead="`asyncio.create_task(...)`, or a task group.",
        tests=(
            "test_futures2.CFutureTests.test_future_traceback",
            "test_futures2.FutureReprTests.test_recursive_repr_for_pending_tasks",
        ),
    ),
    Difference(
        title="Timers that are due at one time fire one after another",
        why=(
            "asyncio runs all timers of a moment in one pass. Here each is an event of its own in "
            "history, oldest timer first, and the code runs until it waits again before the next: "
            "if the first one's wake-up cancels the second, the second never fires. Of two nested "
            "timeouts with one deadline, only the outer one expires."
        ),
        instead="Nothing, as a rule: which of two simultaneous timers matters was never promised.",
        tests=("test_timeouts.TimeoutTests.test_nested_timeouts",),
    ),
    Difference(
        title="`as_completed` takes bare coroutines in a list or a tuple only",
        why=(
            "asyncio puts the coroutines into a set, whose order is that of their addresses; the "
            "tasks would be numbered differently in each process. Of a list or tuple the tasks are "
            "made in its order. A set or a generator of bare coroutines raises `NotDurableError`; "
            "of tasks it is fine."
        ),
        instead="Give it a list, or tasks made with `asyncio.create_task`.",
        tests=(
            "test_tasks.BaseTaskTests.test_as_completed_concurrent",
            "test_tasks.BaseTaskTests.test_as_completed_reverse_wait",
            "test_tasks.BaseTaskTests.test_as_completed_same_tasks_in_as_out",
        ),
    ),
    Difference(
        title="`asyncio.wait` takes the loop's own tasks and futures only",
        why=(
            "A future made by `asyncio.Future()`, or the one that `gather` returns, stands in a "
            "set in the order of its address. `asyncio.wait` over one raises `NotDurableError`."
        ),
        instead="Make futures with `loop.create_future()`; wrap others in a task.",
    ),
    Difference(
        title="A foreign awaitable fails with `NotDurableError`",
        why=(
            "asyncio raises RuntimeError when a task awaits a future of another loop, or hangs if "
            "it is the very first await. Here the error names the line, and the await fails at "
            "once."
        ),
        instead="Do what needs another loop in an activity.",
    ),
    Difference(
        title="SystemExit and KeyboardInterrupt end the orchestrator, not the process",
        why=(
            "asyncio lets both out of the loop at once. An orchestrator shares its process with "
            "others; raised by its code they fail it, like any exception."
        ),
        instead="Nothing: signals that reach the process are the worker's.",
        tests=("test_tasks.BaseTaskTests.test_baseexception_during_cancel",),
    ),
    Difference(
        title="Tasks are held until they end",
        why=(
            "asyncio keeps weak references, and logs a pending task that the collector destroyed. "
            "Here a task nobody refers to runs on, and is cancelled when the main coroutine ends."
        ),
        instead="Nothing: there is no set of background tasks to keep.",
        tests=("test_tasks.BaseTaskTests.test_log_destroyed_pending_task",),
    ),
    Difference(
        title="An orchestrator ends when its left-over tasks have cleaned up",
        why=(
            "`asyncio.run` cancels what is left and waits for it, and so does the worker: the "
            "result is fixed when the main coroutine ends, the clean-up may still await activities "
            "and timers, and the instance is done after that."
        ),
        instead="Nothing.",
    ),
    Difference(
        title="Abandoned async generators are closed at the end",
        why=(
            "asyncio closes one when the collector finds it, which depends on the process. Here "
            "they are closed when the main coroutine has ended, in order of creation."
        ),
        instead="Use `contextlib.aclosing` where the clean-up must not wait.",
    ),
    Difference(
        title="Wake-ups that one step's cancels cause run in order of task number",
        why=(
            "asyncio runs them in the order of the calls to `cancel()`, and a task group or a "
            "scope of anyio cancels its tasks in the order of a set, by address. The number "
            "decides instead, and a set of tasks is iterated alike in every process."
        ),
        instead="Nothing: which sibling is cancelled first was never promised.",
    ),
    Difference(
        title="Time is that of the episode, and Unix time",
        why=(
            "`loop.time()` is what `da.now()` says, in seconds: it stands still while the code "
            "runs, and moves when something wakes it. A timer that is due at NaN or infinity is a "
            "`ValueError`."
        ),
        instead="`asyncio.timeout(None)` for no limit.",
    ),
    Difference(
        title="Reports go to the worker's log, not to an exception handler",
        why=(
            "`set_exception_handler` is accepted and has no effect: whether a failed task was "
            "collected would depend on the process. What nobody awaited is logged, once, with the "
            "instance's id."
        ),
        instead="Await the task, or use a `TaskGroup`.",
        tests=(
            "test_tasks.BaseTaskTests.test_error_in_call_soon",
            "test_tasks.CoroutineGatherTests.test_issue46672",
            "test_futures2.CFutureTests.test_handle_exc_handler_correct_context",
            "test_futures2.CFutureTests.test_task_exc_handler_correct_context",
            "test_futures2.PyFutureTests.test_handle_exc_handler_correct_context",
            "test_futures2.PyFutureTests.test_task_exc_handler_correct_context",
        ),
    ),
    Difference(
        title="Debug mode has no effect",
        why="It looks at wall clocks, and keeps tracebacks that replay would have to keep too.",
        instead="`await handle.stack()` says what each task waits for, with file and line.",
        tests=("test_tasks.BaseTaskTests.test_task_source_traceback",),
    ),
    Difference(
        title="Eager tasks are refused",
        why=(
            "A task that runs within `create_task` is not numbered when its first command is "
            "issued. `set_task_factory` raises `NotDurableError`."
        ),
        instead="`asyncio.create_task`, or await the coroutine itself.",
    ),
    Difference(
        title="A task calls itself OrchestratorTask",
        why="Its repr names the class; name, coroutine, line and what it waits for read as usual.",
        instead="Nothing.",
        tests=(
            "test_tasks.BaseTaskTests.test_task_repr",
            "test_tasks.BaseTaskTests.test_task_repr_autogenerated",
            "test_tasks.BaseTaskTests.test_task_repr_wait_for",
        ),
    ),
)

_HEAD = """\
# Where an orchestrator differs from asyncio

An orchestrator runs on `OrchestratorLoop`, an `asyncio.AbstractEventLoop`. Everything below is a
deliberate difference; what is not listed behaves as the Python documentation says. CPython's own
tests of task groups, timeouts, locks, queues, `wait_for` and tasks run on this loop, each live and
once more rebuilt from the history that it recorded. Of the tests that see a difference, each is
named under it; all the others pass, on every Python that the project supports.

This page is written by `python -m tests.loop.differences`.
"""


_SINCE = {"test_futures2.FutureReprTests.test_recursive_repr_for_pending_tasks": (3, 12)}
"""From which Python on a test sees its difference, if not from the first."""


def differing_tests() -> dict[str, Difference]:
    return {
        test: difference
        for difference in DIFFERENCES
        for test in difference.tests
        if sys.version_info >= _SINCE.get(test, (3, 11))
    }


def page() -> str:
    """The page, as Markdown."""
    return "\n".join([_HEAD, *(_section(difference) for difference in DIFFERENCES)])


def _section(difference: Difference) -> str:
    lines = [f"## {difference.title}", "", difference.why, "", f"*Instead:* {difference.instead}"]
    if difference.tests:
        lines += ["", "Seen by:", "", *(f"- `{test}`" for test in difference.tests)]
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
