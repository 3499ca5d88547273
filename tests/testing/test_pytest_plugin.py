"""The plugin for pytest, seen from tests that use it."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

TESTS = """
    import asyncio
    import pytest
    from durable_async.dsl.decorators import activity, orchestrator
    from durable_async.testing import environment

    runs = []

    @activity
    async def step(number: int) -> int:
        return number

    @orchestrator
    async def flow() -> int:
        runs.append("begun")  # once for each time the coroutine is built
        return sum(await asyncio.gather(step(1), step(2), step(3)))

    @pytest.fixture(autouse=True)
    def forget():
        runs.clear()

    async def test_without_a_marker(durable_env):
        async with durable_env([flow, step]) as env:
            assert await (await env.client.start(flow())).result() == 6
        assert len(runs) == 1

    @pytest.mark.durable(crash="every-commit")
    async def test_the_fixture(durable_env):
        async with durable_env([flow, step]) as env:
            assert await (await env.client.start(flow())).result() == 6
        assert len(runs) == 2

    @pytest.mark.durable(crash="every-commit")
    async def test_an_environment_made_directly():
        async with environment([flow, step]) as env:
            assert await (await env.client.start(flow())).result() == 6
        assert len(runs) == 2

    @pytest.mark.durable
    async def test_a_bare_marker(durable_env):
        async with durable_env([flow, step]) as env:
            assert await (await env.client.start(flow())).result() == 6
        assert len(runs) == 1
"""

MISTAKE = """
    import pytest

    @pytest.mark.durable(crash="now and then")
    async def test_a_mistake(durable_env): ...
"""


def run_pytest(folder: Path, tests: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_users.py").write_text(textwrap.dedent(tests))
    (folder / "pytest.ini").write_text(
        "[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\n"
        "filterwarnings = error\n"
    )
    return subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "--strict-markers", "-q", "-p", "no:cacheprovider"),
            *("-p", "pytest_asyncio.plugin", "-p", "durable_async.pytest_plugin", str(folder)),
        ],
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )


def test_the_marker_holds_for_every_environment_of_its_test(tmp_path: Path) -> None:
    done = run_pytest(tmp_path, TESTS)
    assert "4 passed" in done.stdout, done.stdout + done.stderr


def test_a_marker_that_means_nothing_fails_its_test_and_no_other(tmp_path: Path) -> None:
    done = run_pytest(tmp_path, textwrap.dedent(MISTAKE) + "\n\ndef test_another(): ...\n")
    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    assert "1 passed, 1 error" in done.stdout
    assert "now and then" in done.stdout
