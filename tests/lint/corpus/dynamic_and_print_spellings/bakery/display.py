"""What the bakery says aloud."""

from __future__ import annotations

import builtins
import functools
import io
import logging
import sys
import traceback
import warnings
from pprint import pformat, pprint

import click
import rich
import structlog
from loguru import logger as loud

log = logging.getLogger("bakery")
slog = structlog.get_logger("bakery")
say = functools.partial(print, "bakery:")


class Display:
    def __init__(self, title: str) -> None:
        self.title = title

    def print(self, text: str) -> str:
        return f"{self.title}: {text}"

    def show(self, text: str) -> None:
        print(self.print(text))  # expect: DUR143

    def failed(self) -> None:
        traceback.print_exc()  # expect: DUR143


def everything(text: str) -> None:
    pprint({"text": text})  # expect: DUR143
    loud.warning(text)  # expect: DUR143
    slog.info(text, size=len(text))  # expect: DUR143
    rich.print(text)  # expect: DUR143
    click.echo(text)  # expect: DUR143
    sys.stdout.write(text)  # expect: DUR143
    builtins.print(text)  # expect: DUR143


def each(lines: list[str]) -> None:
    for line in lines:
        print(line, end=";")  # expect: DUR143


def fine(text: str) -> str:
    log.warning("low on flour: %s", text)
    logging.info("%s", text)
    buffer = io.StringIO()
    buffer.write(pformat({"text": text}))
    warnings.warn(text, stacklevel=2)
    return buffer.getvalue() + traceback.format_exc()


def shadowed(print, text: str) -> str:
    return print(text)


def banner() -> None:
    print("BAKERY")
