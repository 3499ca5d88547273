"""Runs what the model wrote. The reviewers call it in process; chats go through `run_snippet`."""

from __future__ import annotations

import ast
import os
import queue
import runpy
import shlex
import subprocess
import sys
import threading
from typing import Any

from .durable import step

_verdicts: queue.SimpleQueue[bool] = queue.SimpleQueue()
_started = threading.Event()
FORBIDDEN = frozenset({"eval", "exec", "open", "__import__"})


@step(timeout=30)
def run_snippet(code: str) -> str:
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, timeout=20)
    return done.stdout


def allowed(code: str) -> bool:
    """Reads the tree; runs nothing."""
    names = {node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)}
    return not names & FORBIDDEN


def evaluate(code: str) -> dict[str, Any]:
    scope: dict[str, Any] = {}
    program = compile(code, "<model>", "exec")  # expect: DUR142
    exec(program, scope)  # expect: DUR142
    scope.pop("__builtins__", None)
    return scope


class Linter:
    def __init__(self, command: str = "ruff check -") -> None:
        self.argv = shlex.split(command)

    def __call__(self, code: str) -> str:
        try:
            return subprocess.check_output(self.argv, input=code, text=True)  # expect: DUR123
        except subprocess.CalledProcessError as error:
            return error.output

    def version(self) -> str:
        return os.popen(f"{self.argv[0]} --version").readline()  # expect: DUR123

    def install(self) -> None:
        subprocess.check_call([sys.executable, "-m", "pip", "install", self.argv[0]])


def human_verdict(timeout: float) -> bool:
    """The desktop build asks in a window."""
    _started.wait(timeout)  # expect: DUR102
    return _verdicts.get()  # expect: DUR102


def run_module(name: str) -> dict[str, Any]:
    return runpy.run_module(name)
