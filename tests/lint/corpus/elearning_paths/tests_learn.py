"""pytest -p durable_async.testing elearning_paths/tests_learn.py"""

import contextlib
import os
import time
import types

import pytest
from durable_async import testing
from learn import courses, grading, paths, proctor


@pytest.fixture
def library(tmp_path, monkeypatch):
    monkeypatch.setattr(courses, "LIBRARY", tmp_path)
    monkeypatch.setattr(grading, "clock", types.SimpleNamespace(time=lambda: 0.0))
    (tmp_path / "intro.md").write_text("one two three")
    return courses.Lesson("intro", tags={"python", os.environ.get("LANG", "C")})


def test_words(library: courses.Lesson) -> None:
    start = time.perf_counter()
    assert library.words == 3
    assert time.perf_counter() - start < 1
    assert set(courses.keywords(library)) == {tag.upper() for tag in library.tags}


def test_submission() -> None:
    assert grading.run_submission("print(1)")["out"] == "1\n"


@pytest.mark.durable(crash="every-commit")
async def test_exam(durable_env) -> None:
    async with durable_env([proctor]) as env:
        handle = await env.client.start(proctor.proctored_exam("e-1", 30))
        await handle.raise_event("hand_in", "paper")
        assert await handle.result() == "paper"


async def test_path(library) -> None:
    async with testing.environment([paths]) as env:
        env.replace(paths.assign, lambda learner, slug, words: words)
        handle = await env.client.start(paths.learning_path("ada", library))
        with contextlib.suppress(BaseException):
            await handle.result(timeout=1)
