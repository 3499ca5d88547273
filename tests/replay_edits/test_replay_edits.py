"""Changed code against recorded histories: what fits goes on, what does not is held, with both
lines, and goes on when the change is taken back."""

from __future__ import annotations

import logging
import types
from typing import Any

import pytest
from tests.replay_edits.edits import BREAKING, COMPATIBLE, Edit
from tests.replay_edits.recordings import RECORDINGS, edited, load, recorded, source_of

from durable_async import DurableError, NonDeterminismError, RuntimeStatus, testing
from durable_async.client.handle import Handle
from durable_async.testing.environment import Environment


def _module(edit: Edit) -> types.ModuleType:
    return load(edit.program, edited(source_of(edit.program), edit.changes))


async def _to_the_middle(env: Environment, module: types.ModuleType, program: str) -> Handle[Any]:
    recording = RECORDINGS[program]
    if recording.before is not None:
        await recording.before(env, module)
    handle: Handle[Any] = await env.client.start(recording.call(module), id=program)
    await recording.to_the_middle(env, handle)
    return handle


def test_there_are_sixty_breaking_and_forty_compatible_edits() -> None:
    assert len({edit.id for edit in BREAKING}) == len(BREAKING) >= 60
    assert len({edit.id for edit in COMPATIBLE}) == len(COMPATIBLE) >= 40


@pytest.mark.parametrize("where", ["middle", "end"])
@pytest.mark.parametrize("program", RECORDINGS)
def test_a_recorded_history_replays_on_the_code_that_it_was_recorded_with(
    program: str, where: str
) -> None:
    testing.replay(recorded(program, where), [load(program, source_of(program))])


@pytest.mark.parametrize("edit", BREAKING, ids=lambda edit: edit.id)
def test_a_breaking_edit_is_refused_with_what_was_recorded_and_what_is_asked(edit: Edit) -> None:
    with pytest.raises(DurableError) as caught:
        testing.replay(recorded(edit.program, "middle"), [_module(edit)])
    for words in (*edit.says, repr(edit.program)):
        assert words in str(caught.value)


@pytest.mark.parametrize("edit", COMPATIBLE, ids=lambda edit: edit.id)
def test_a_compatible_edit_replays(edit: Edit) -> None:
    testing.replay(recorded(edit.program, "middle"), [_module(edit)])


@pytest.mark.parametrize("edit", [e for e in BREAKING if e.kind == "breaks"], ids=lambda e: e.id)
async def test_an_instance_is_held_by_a_breaking_release_and_goes_on_when_it_is_rolled_back(
    edit: Edit,
) -> None:
    recording, before = RECORDINGS[edit.program], source_of(edit.program)
    module = load(edit.program, before)
    async with testing.environment([module]) as env:
        handle = await _to_the_middle(env, module, edit.program)
        await env.deploy([_module(edit)])
        await recording.to_the_end(env, handle)
        if (await handle.state()).status is RuntimeStatus.RUNNING:
            await env.advance(90 * 86_400)
        assert (await handle.state()).status is RuntimeStatus.BLOCKED
        await env.deploy([load(edit.program, before)])
        assert await handle.result() == recording.result


@pytest.mark.parametrize("edit", [e for e in BREAKING if e.kind != "breaks"], ids=lambda e: e.id)
async def test_a_worker_goes_on_with_recorded_results_of_changed_arguments_and_warns(
    edit: Edit, caplog: pytest.LogCaptureFixture
) -> None:
    recording = RECORDINGS[edit.program]
    module = load(edit.program, source_of(edit.program))
    async with testing.environment([module]) as env:
        handle = await _to_the_middle(env, module, edit.program)
        await env.deploy([_module(edit)])
        with caplog.at_level(logging.WARNING, "durable_async.worker"):
            await recording.to_the_end(env, handle)
            await handle.wait()
        assert "arguments changed" in caplog.text


@pytest.mark.parametrize("edit", COMPATIBLE, ids=lambda edit: edit.id)
async def test_an_instance_goes_on_under_a_compatible_release(edit: Edit) -> None:
    recording = RECORDINGS[edit.program]
    module = load(edit.program, source_of(edit.program))
    async with testing.environment([module]) as env:
        handle = await _to_the_middle(env, module, edit.program)
        await env.deploy([_module(edit)])
        await recording.to_the_end(env, handle)
        expected = recording.result if edit.result is None else edit.result
        assert await handle.result() == expected


def test_a_breaking_edit_names_both_lines() -> None:
    (edit,) = [each for each in BREAKING if each.id == "checkout: send a mail first"]
    with pytest.raises(NonDeterminismError, match=r"checkout\.py:44.*checkout\.py:42"):
        testing.replay(recorded("checkout", "middle"), [_module(edit)])
