"""Recipes as code."""

from __future__ import annotations

import ast
import builtins
import importlib
import json
import marshal
import operator
import pickle
import re
import runpy
from importlib import import_module as load_module
from importlib import reload
from pickle import loads as thaw

OPERATORS = {"+": operator.add, "-": operator.sub}
PLUGINS = importlib.import_module("json")


class Oven:
    def __init__(self, program: str) -> None:
        self.program = program

    def eval(self, text: str) -> int:
        return len(text + self.program)

    def exec(self) -> int:
        return self.eval("x")

    def heat(self, degrees: int) -> int:
        return int(eval(self.program, {"degrees": degrees}))  # expect: DUR142

    def run(self) -> None:
        exec(self.program)  # expect: DUR142


def dynamic(name: str, blob: bytes) -> list[object]:
    return [
        importlib.import_module(name),  # expect: DUR142
        load_module(f"bakery.{name}"),  # expect: DUR142
        __import__(name),  # expect: DUR142
        compile("1", name, "eval"),  # expect: DUR142
        pickle.loads(blob),  # expect: DUR142
        thaw(blob),  # expect: DUR142
        marshal.loads(blob),  # expect: DUR142
        runpy.run_module(name),  # expect: DUR142
        builtins.eval(name),  # expect: DUR142
        reload(json),  # expect: DUR142
    ]


def calculated(sign: str, left: int, right: int) -> int:
    return OPERATORS[sign](left, right)


def literal(text: str) -> object:
    return ast.literal_eval(text) if re.compile(r"\d+").match(text) else ast.parse(text)


def lazily(text: str) -> str:
    import textwrap

    return textwrap.dedent(text) + str(getattr(text, "upper")())


def frozen(value: object) -> bytes:
    return pickle.dumps(pickle.loads(b"N."))
