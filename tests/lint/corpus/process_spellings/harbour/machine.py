"""Facts about the machine that a flow must not depend on."""

from __future__ import annotations

import asyncio
import gc
import locale
import multiprocessing
import os
import platform
import socket
import subprocess
import sys
import threading
from os import environ, getenv
from os import getpid as process_number
from subprocess import PIPE, Popen, call

import anyio.to_thread
import dotenv
from starlette.concurrency import run_in_threadpool

DEBUG = getenv("DEBUG") == "1"
HOST = platform.node()
ARGUMENTS = tuple(sys.argv[1:])
_lock = threading.Lock()


class Crane:
    home = os.environ.get("CRANE_HOME", "/srv/crane")

    def __init__(self, name: str) -> None:
        self.name = name
        self.env = dict(environ)  # expect: DUR124

    def key(self) -> int:
        return id(self)  # expect: DUR125

    def slot(self) -> int:
        return hash(self.name) % 7  # expect: DUR125

    def number_slot(self, number: int) -> int:
        return hash(number) % 7

    def path(self) -> str:
        return os.path.join(self.home, self.name)


def facts() -> list[str]:
    return [
        str(process_number()),  # expect: DUR125
        socket.gethostname(),  # expect: DUR125
        platform.python_version(),  # expect: DUR125
        str(locale.getlocale()),  # expect: DUR125
        str(gc.get_count()),  # expect: DUR125
        sys.executable,  # expect: DUR125
        str(os.getuid()),  # expect: DUR125
    ]


def settings(name: str) -> list[str]:
    first = os.getenv(name, "")  # expect: DUR124
    second = environ["HOME"]  # expect: DUR124
    if name in os.environ:  # expect: DUR124
        os.environ[name] = "seen"  # expect: DUR124
    third = os.path.expandvars("$HOME/x")  # expect: DUR124
    fourth = str(dotenv.dotenv_values(".env"))  # expect: DUR124
    return [first, second, third, fourth]


def constants() -> str:
    return f"{DEBUG}{HOST}{len(ARGUMENTS)}{os.linesep}{Crane.home}"


def programs(name: str) -> int:
    first = call(["true"])  # expect: DUR123
    second = Popen(["ls"], stdout=PIPE)  # expect: DUR123
    third = subprocess.getoutput("date")  # expect: DUR123
    fourth = os.popen("date").read()  # expect: DUR123
    fifth = os.system(name)  # expect: DUR123
    return first + fifth + len(third) + len(fourth) + second.pid


async def shell(name: str) -> int:
    process = await asyncio.create_subprocess_shell(name)  # expect: DUR123
    return process.pid


def checked(name: str) -> str:
    try:
        return subprocess.check_output([name], text=True)  # expect: DUR123
    except subprocess.CalledProcessError as error:
        return str(error.returncode)


async def threads(name: str) -> str:
    first = await run_in_threadpool(checked, name)  # expect: DUR131
    second = await anyio.to_thread.run_sync(checked, name)  # expect: DUR131
    worker = threading.Thread(target=facts)  # expect: DUR131
    pool = multiprocessing.Pool(2)  # expect: DUR131
    timer = threading.Timer(3, facts)  # expect: DUR131
    return f"{first}{second}{worker}{pool}{timer}"


def nested_loop(name: str) -> int:
    return asyncio.run(shell(name))  # expect: DUR131


def replaced(name: str) -> None:
    os.execvp(name, [name])  # expect: DUR123


def start_up() -> None:
    """The worker's."""
    os.environ["TZ"] = "UTC"
    os.setpgrp()
    gc.disable()
    multiprocessing.set_start_method("spawn")
