"""DUR123: a process is started, once more at each replay."""

from typing import ClassVar

from durable_lint.reach.observations import Use
from durable_lint.rule import Example
from durable_lint.rules.dialects import Words
from durable_lint.rules.vocabulary_rule import VocabularyRule

__all__ = ["Subprocesses"]


class Subprocesses(VocabularyRule):
    code = "DUR123"
    category = "subprocess"
    summary = "a process is started in an orchestrator"
    harm = "acts on other processes, which each replay does again, with another outcome"
    explanation = """\
A command that an orchestrator starts is started again at each replay, however long ago it has
done its work: the migration runs twice, the release is pushed twice. Its exit code and its
output are in no history, so that the replay goes by other ones than the first run did.

Start it in an activity, and await that. An activity that waits for a long command should call
`durable_async.heartbeat()` now and then, so that it is cancelled with its orchestrator, and a
lost worker is noticed early.
"""
    before = """\
import subprocess

import durable_async


@durable_async.orchestrator
async def deploy(version: str) -> bool:
    done = subprocess.run(["make", "deploy", f"VERSION={version}"])
    return done.returncode == 0
"""
    after = """\
import subprocess

import durable_async


@durable_async.activity
def make_deploy(version: str) -> int:
    return subprocess.run(["make", "deploy", f"VERSION={version}"]).returncode


@durable_async.orchestrator
async def deploy(version: str) -> bool:
    return await make_deploy(version) == 0
"""
    valid: ClassVar[tuple[Example, ...]] = (
        Example(
            "The activity starts it.",
            """
            import subprocess

            import durable_async as da


            @da.activity(timeout=600)
            def terraform(command: str, folder: str) -> int:
                done = subprocess.run(["terraform", command], cwd=folder, check=False)
                return done.returncode


            @da.orchestrator
            async def provision(folder: str) -> bool:
                for command in ("init", "plan", "apply"):
                    if await terraform(command, folder) != 0:
                        return False
                return True
            """,
        ),
        Example(
            "An activity with a process of asyncio.",
            """
            import asyncio
            import os
            import signal

            import durable_async as da


            @da.activity
            async def encode(path: str) -> int:
                process = await asyncio.create_subprocess_exec("ffmpeg", "-i", path)
                try:
                    return await process.wait()
                except asyncio.CancelledError:
                    os.kill(process.pid, signal.SIGTERM)
                    raise


            @da.orchestrator
            async def encode_all(paths: list[str]) -> list[int]:
                return list(await asyncio.gather(*[encode(path) for path in paths]))
            """,
        ),
        Example(
            "The errors that an activity raised are only classes.",
            """
            import subprocess

            import durable_async as da


            @da.activity
            def push(image: str) -> None:
                subprocess.run(["docker", "push", image], check=True)


            @da.orchestrator
            async def publish(image: str) -> str:
                try:
                    await push(image)
                except subprocess.CalledProcessError as error:
                    return f"exit code {error.returncode}"
                except subprocess.TimeoutExpired:
                    return "too slow"
                return ""
            """,
        ),
        Example(
            "Making a command line starts nothing.",
            """
            import shlex
            import subprocess

            import durable_async as da


            @da.activity
            async def run_remotely(host: str, command: str) -> int: ...


            @da.orchestrator
            async def restart(hosts: list[str], unit: str) -> list[int]:
                command = shlex.join(["systemctl", "restart", unit])
                windows = subprocess.list2cmdline(["net", "start", unit])
                return [
                    await run_remotely(host, windows if host.endswith(".win") else command)
                    for host in hosts
                ]
            """,
        ),
        Example(
            "A function of one's own that is called run.",
            """
            # file: steps.py
            import durable_async as da


            @da.activity
            async def execute(step: str) -> None: ...


            async def run(steps: list[str]) -> int:
                for step in steps:
                    await execute(step)
                return len(steps)

            # file: flows.py
            import durable_async as da

            import steps as subprocess


            @da.orchestrator
            async def pipeline(names: list[str]) -> int:
                return await subprocess.run(names)
            """,
        ),
        Example(
            "A script beside the orchestrator may start what it likes.",
            """
            import os
            import subprocess

            import durable_async as da


            @da.activity
            async def lint(path: str) -> int: ...


            @da.orchestrator
            async def check(paths: list[str]) -> int:
                return sum([await lint(path) for path in paths])


            def start_worker() -> None:
                subprocess.Popen(["durable", "worker", "flows"])
                os.system("clear")


            if __name__ == "__main__":
                start_worker()
            """,
        ),
    )
    invalid: ClassVar[tuple[Example, ...]] = (
        Example(
            "The command runs again at each replay.",
            """
            import subprocess

            import durable_async as da


            @da.activity
            async def announce(version: str) -> None: ...


            @da.orchestrator
            async def release(version: str) -> None:
                subprocess.run(["git", "tag", version], check=True)  # DUR123
                await announce(version)
            """,
        ),
        Example(
            "Its output decides what is done next.",
            """
            from subprocess import check_output

            import durable_async as da


            def changed_files(base: str) -> list[str]:
                output = check_output(["git", "diff", "--name-only", base], text=True)  # DUR123
                return output.splitlines()


            @da.activity
            async def review(file: str) -> str: ...


            @da.orchestrator
            async def review_all(base: str) -> list[str]:
                return [await review(file) for file in changed_files(base)]
            """,
        ),
        Example(
            "Processes of asyncio leave the loop.",
            """
            import asyncio

            import durable_async as da


            @da.activity
            async def store(log: str) -> None: ...


            @da.orchestrator
            async def build(target: str) -> int:
                process = await asyncio.create_subprocess_exec("make", target)  # DUR123
                await store(target)
                return process.pid
            """,
        ),
        Example(
            "The shell, by way of os.",
            """
            import os

            import durable_async as da


            @da.activity
            async def wait_for_health(service: str) -> bool: ...


            @da.orchestrator
            async def roll(service: str) -> bool:
                code = os.system(f"kubectl rollout restart deploy/{service}")  # DUR123
                if code != 0:
                    return False
                return await wait_for_health(service)
            """,
        ),
        Example(
            "A wrapper in another module.",
            """
            # file: shell.py
            import shlex
            import subprocess


            class Shell:
                def __init__(self, folder: str) -> None:
                    self.folder = folder

                def __call__(self, line: str) -> int:
                    done = subprocess.Popen(shlex.split(line), cwd=self.folder)  # DUR123
                    return done.pid

            # file: flows.py
            from durable_async import activity, orchestrator

            from shell import Shell


            @activity
            async def collect(folder: str) -> int: ...


            @orchestrator
            async def nightly(folder: str) -> int:
                shell = Shell(folder)
                shell("pytest -q")
                return await collect(folder)
            """,
        ),
        Example(
            "Ending another process is done again, too.",
            """
            import os
            import signal

            import durable_async as da


            @da.activity
            async def pid_of(service: str) -> int: ...


            @da.orchestrator
            async def stop(service: str) -> None:
                os.kill(await pid_of(service), signal.SIGTERM)  # DUR123
            """,
        ),
    )

    def advice(self, seen: Use, words: Words) -> str:
        return self.known_advice(seen) or words.activity
