"""Children that are tried again, as examples/child_retry.py has them."""

import pytest
from child_retry import FlakyMachineError, build, compile_for, release, upload

from durable_async import testing

FUNCTIONS = [release, build, compile_for, upload]


async def compile_at_once(system: str, commit: str) -> str:
    return f"{commit}-{system}"


async def test_a_release_is_built_for_every_system() -> None:
    async with testing.environment(FUNCTIONS) as env:
        env.replace(compile_for, compile_at_once)
        handle = await env.client.start(release("c0ffee", ["linux", "macos"]))
        assert await handle.result() == {
            "linux": "https://downloads.example/c0ffee-linux",
            "macos": "https://downloads.example/c0ffee-macos",
        }


@pytest.mark.parametrize("rebuild", [False, True], ids=["kept", "rebuilt"])
async def test_a_build_that_fails_is_made_again_as_a_new_child(rebuild: bool) -> None:
    attempts = 0

    async def compile_the_third_time(system: str, commit: str) -> str:
        nonlocal attempts
        attempts += 1
        if attempts < 3:
            raise FlakyMachineError(system)
        return f"{commit}-{system}"

    async with testing.environment(FUNCTIONS, rebuild=rebuild) as env:
        env.replace(compile_for, compile_the_third_time)
        handle = await env.client.start(release("c0ffee", ["linux"]))
        await handle.result()
        children = {state.id: str(state.status) async for state in env.client.list(name="build")}
    assert children == {
        "c0ffee-linux": "FAILED",
        "c0ffee-linux~2": "FAILED",
        "c0ffee-linux~3": "COMPLETED",
    }


async def test_a_build_that_fails_for_good_fails_the_release() -> None:
    async def never_for_linux(system: str, commit: str) -> str:
        if system == "linux":
            raise FlakyMachineError(system)
        return commit

    async with testing.environment(FUNCTIONS) as env:
        env.replace(compile_for, never_for_linux)
        handle = await env.client.start(release("c0ffee", ["linux"]))
        with pytest.raises(ExceptionGroup) as caught:
            await handle.result()
        assert caught.group_contains(FlakyMachineError)
        assert await env.client.count(name="build", status="FAILED") == 20


async def test_a_child_knows_its_parent() -> None:
    async with testing.environment(FUNCTIONS) as env:
        env.replace(compile_for, compile_at_once)
        handle = await env.client.start(release("c0ffee", ["linux"]), id="r")
        await handle.result()
        assert (await env.client.handle("c0ffee-linux").state()).parent_id == "r"
