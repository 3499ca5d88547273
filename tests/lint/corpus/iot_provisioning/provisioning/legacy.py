"""Generation-one boxes: provisioned over a serial cable by a vendor tool."""

from __future__ import annotations

import functools
import os
import shlex
import signal
import subprocess
from collections.abc import Iterator
from typing import ClassVar, NamedTuple

from . import devices
from .durable import activity, wait_for_event, workflow

DEFAULT_PORT = os.environ.get("BOX_PORT", "/dev/ttyUSB0")
SIGNALS = {signal.SIGTERM: "stop", signal.SIGHUP: "reload"}


class Answer(NamedTuple):
    code: int
    text: str

    @property
    def ok(self) -> bool:
        return self.code == 0


class VendorTool:
    """Wraps ``boxctl``; commands are methods made from a list."""

    verbs: ClassVar[tuple[str, ...]] = ("unlock", "bind", "reset")

    def __init__(self, port: str | None = None, *, dry: bool = False) -> None:
        self.port = port or DEFAULT_PORT
        self.dry = dry
        self.debug = "BOX_DEBUG" in os.environ  # expect: DUR124

    def __getattr__(self, name: str) -> functools.partial[Answer]:
        verb = name.removeprefix("do_")
        if verb not in self.verbs:
            raise AttributeError(name)
        return functools.partial(self._execute, verb)

    def _execute(self, verb: str, *arguments: str) -> Answer:
        words = ["boxctl", "--port", self.port, verb, *arguments]
        if self.dry:
            return Answer(0, shlex.join(words))
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        return Answer(done.returncode, done.stdout)

    def version(self) -> str:
        return subprocess.check_output(["boxctl", "--version"], text=True)  # expect: DUR123

    def script(self, verbs: tuple[str, ...]) -> Iterator[str]:
        for verb in verbs:
            yield shlex.join(["boxctl", "--port", self.port, verb])


@activity(timeout=300)
def unlock(port: str, pin: str) -> str:
    return VendorTool(port).do_unlock(pin).text


@activity
def bind(port: str, serial: str) -> bool:
    return VendorTool(port).do_bind(serial).ok


def ask_operator(question: str) -> str:
    return input(f"{question}? ")  # expect: DUR102


def drain_queue(path: str) -> None:
    """Called by the cron job of the bench."""
    os.kill(int(open(path).read()), signal.SIGHUP)


@workflow(name="provision-gen1")
async def provision_legacy(port: str, serial: str, attended: bool = False) -> str:
    tool = VendorTool(port, dry=True)
    if not tool.version().startswith("1."):
        await devices.reject(serial, f"boxctl; would do {'; '.join(tool.script(VendorTool.verbs))}")
        return "rejected"
    pin = ask_operator("PIN") if attended else await wait_for_event(f"pin-{serial}", str)
    text = await unlock(port, pin)
    while not await bind(port, serial):
        text = await unlock(port, pin)
    return f"{SIGNALS[signal.SIGTERM]}: {text}"
