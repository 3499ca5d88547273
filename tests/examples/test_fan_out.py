"""Fan out and fan in, as examples/fan_out.py does it."""

import asyncio
from pathlib import Path

import pytest
from fan_out import count_lines, find_files, measure

from durable_async import testing

FUNCTIONS = [measure, find_files, count_lines]


async def test_every_file_is_counted_and_the_counts_come_together(tmp_path: Path) -> None:
    (tmp_path / "b.py").write_text("one\ntwo\n")
    (tmp_path / "a.py").write_text("one\n")
    (tmp_path / "notes.txt").write_text("not counted\n")
    async with testing.environment(FUNCTIONS) as env:
        handle = await env.client.start(measure(str(tmp_path)))
        lines = await handle.result()
    assert lines == {str(tmp_path / "a.py"): 1, str(tmp_path / "b.py"): 2}


async def test_an_empty_folder_has_no_lines(tmp_path: Path) -> None:
    async with testing.environment(FUNCTIONS) as env:
        handle = await env.client.start(measure(str(tmp_path)))
        assert await handle.result() == {}


async def test_as_many_run_at_once_as_are_allowed() -> None:
    running = most = 0
    full = asyncio.Event()

    async def count(path: str) -> int:
        nonlocal running, most
        running += 1
        most = max(most, running)
        if running == 3:
            full.set()
        await full.wait()  # no count ends before three have begun
        running -= 1
        return 1

    async with testing.environment(FUNCTIONS) as env:
        env.replace(find_files, lambda _: [f"{n}.py" for n in range(10)])
        env.replace(count_lines, count)
        handle = await env.client.start(measure(".", at_once=3))
        assert len(await handle.result()) == 10
    assert most == 3


async def test_one_file_that_cannot_be_read_ends_it_all_and_says_which() -> None:
    async with testing.environment(FUNCTIONS) as env:
        env.replace(find_files, lambda _: ["missing.py"])
        handle = await env.client.start(measure("."))
        with pytest.raises(ExceptionGroup) as caught:
            await handle.result()
    assert caught.group_contains(FileNotFoundError, match=r"missing\.py")
