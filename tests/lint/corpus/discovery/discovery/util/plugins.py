from __future__ import annotations

import ast
import importlib
import pickle
from collections.abc import Callable
from typing import Any

Redactor = Callable[[str], str]
_BUILTIN: dict[str, Redactor] = {"none": str, "upper": str.upper}


def register(name: str) -> Callable[[Redactor], Redactor]:
    def keep(fn: Redactor) -> Redactor:
        _BUILTIN[name] = fn
        return fn

    return keep


@register("ssn")
def hide_ssn(text: str) -> str:
    import re

    return re.compile(r"\d{3}-\d{2}-\d{4}").sub("***-**-****", text)


def load_redactor(name: str) -> Redactor:
    if name in _BUILTIN:
        return _BUILTIN[name]
    module = importlib.import_module(f"discovery_plugins.{name}")  # expect: DUR142
    return module.redact


class Ruleset:
    def __init__(self, source: str) -> None:
        self.source = source
        self.code = compile(source, "<rules>", "eval")  # expect: DUR142

    def __call__(self, **names: Any) -> bool:
        return bool(eval(self.code, {}, names))  # expect: DUR142

    @classmethod
    def literal(cls, source: str) -> Any:
        return ast.literal_eval(source)

    def __reduce__(self) -> tuple[type[Ruleset], tuple[str]]:
        return (Ruleset, (self.source,))


def thaw(blob: bytes) -> Any:
    return pickle.loads(blob)  # expect: DUR142


def freeze(value: Any) -> bytes:
    return pickle.dumps(value)
