"""Random changes of a project, as people make them and as they do not."""

from __future__ import annotations

import os
import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest

_IMPORT = re.compile(r"^(?:from [\w.]+ import [\w, ]+|import [\w.]+)$", re.MULTILINE)
_DEF = re.compile(r"^(?:async )?def (\w+)\(", re.MULTILINE)
_CLASS = re.compile(r"^class (\w+)", re.MULTILINE)
_CONSTANT = re.compile(r"^([A-Z_]{3,})\b[^=\n]*= (.+)$", re.MULTILINE)
_CALL = re.compile(r"\bawait (?=[a-z_]+\()")
_TABLE = re.compile(r"^([A-Za-z_]\w*)\b[^=\n]*= (?:\{|\[|dict\(|list\(|set\()", re.MULTILINE)

_CLOCK = """

def clocked_{n}(value: int = 0) -> float:
    import time

    return time.time()
"""
_FLOW = """

import datetime

import durable_async as durable_{n}


@durable_{n}.activity
async def act_{n}(value: int) -> int:
    return value


@durable_{n}.orchestrator
async def flow_{n}(value: int) -> str:
    act_{n}(value)
    return str(datetime.datetime.now())
"""


class Editor:
    """Edits the files below a directory, one at random after the other."""

    def __init__(self, root: Path, seed: int) -> None:
        self.root = root
        self.random = random.Random(seed)
        self.number = 0
        self.removed: list[tuple[Path, str]] = []

    def edit(self) -> str:
        """Make one change, and say which."""
        kinds: list[Callable[[], str]] = [
            self.comment,
            self.constant,
            self.constant,
            self.rename,
            self.rename,
            self.rename_everywhere,
            self.drop_import,
            self.add_import,
            self.add_import,
            self.lazy_import,
            self.take_names,
            self.take_names,
            self.shadow,
            self.remove,
            self.restore,
            self.break_off,
            self.swap,
            self.clock,
            self.call_clock,
            self.flow,
            self.no_await,
            self.register,
            self.register,
            self.subclass,
            self.new_package,
            self.decorate,
        ]
        self.number += 1
        return self.random.choice(kinds)()

    # ------------------------------------------------------------ what is there

    def files(self) -> list[Path]:
        return sorted(self.root.rglob("*.py"))

    def file(self) -> Path:
        return self.random.choice(self.files())

    def neighbour(self, path: Path) -> Path:
        """Another file, more often than not of the same case."""
        case = path.relative_to(self.root).parts[0]
        near = [each for each in sorted((self.root / case).rglob("*.py")) if each != path]
        return self.random.choice(near) if near and self.random.random() < 0.8 else self.file()

    def dotted(self, path: Path) -> str:
        """A name by which a file may be imported: of many, one."""
        parts = list(path.relative_to(self.root).with_suffix("").parts)
        if parts[-1] == "__init__":
            parts.pop()
        start = self.random.randrange(max(1, len(parts)))
        return ".".join(parts[min(start, 2) :]) or parts[-1] if parts else "nothing"

    def write(self, path: Path, text: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        before = path.stat().st_mtime_ns if path.exists() else 0
        path.write_text(text, encoding="utf-8")
        if path.stat().st_mtime_ns == before:
            os.utime(path, ns=(before + self.number, before + self.number))

    def append(self, path: Path, more: str) -> None:
        self.write(path, path.read_text(encoding="utf-8") + more)

    def names(self, path: Path) -> list[str]:
        text = path.read_text(encoding="utf-8")
        return [
            *_DEF.findall(text),
            *_CLASS.findall(text),
            *(n for n, _ in _CONSTANT.findall(text)),
        ]

    # ------------------------------------------------------------ changes

    def comment(self) -> str:
        path = self.file()
        self.append(path, f"\n# {self.number}\n")
        return f"comment in {path}"

    def constant(self) -> str:
        path = self.file()
        text = path.read_text(encoding="utf-8")
        found = list(_CONSTANT.finditer(text))
        if not found:
            self.append(path, f"\nVALUE_{self.number} = [1, 2]\n")
            return f"new constant in {path}"
        match = self.random.choice(found)
        value = self.random.choice(["5", "'text'", "set()", "{}", "{'a', 'b'}", "None", "object()"])
        self.write(path, text[: match.start(2)] + value + text[match.end(2) :])
        return f"constant {match[1]} = {value} in {path}"

    def rename(self) -> str:
        path = self.file()
        text = path.read_text(encoding="utf-8")
        names = _DEF.findall(text)
        if not names:
            return self.comment()
        name = self.random.choice(names)
        self.write(path, re.sub(rf"\b{name}\b", f"{name}_{self.number}", text))
        return f"rename {name} in {path}"

    def rename_everywhere(self) -> str:
        path = self.file()
        names = self.names(path)
        if not names:
            return self.comment()
        name = self.random.choice(names)
        for each in self.files():
            text = each.read_text(encoding="utf-8")
            if name in text:
                self.write(each, re.sub(rf"\b{name}\b", f"{name}_{self.number}", text))
        return f"rename {name} everywhere"

    def drop_import(self) -> str:
        path = self.file()
        text = path.read_text(encoding="utf-8")
        found = list(_IMPORT.finditer(text))
        if not found:
            return self.comment()
        match = self.random.choice(found)
        self.write(path, text[: match.start()] + text[match.end() :])
        return f"drop {match[0]} from {path}"

    def add_import(self) -> str:
        path = self.file()
        other = self.dotted(self.neighbour(path))
        line = self.random.choice([f"import {other}", f"import {other} as other_{self.number}"])
        text = path.read_text(encoding="utf-8")
        self.write(path, text + f"\n{line}\n")
        return f"{line} in {path}"

    def lazy_import(self) -> str:
        path = self.file()
        other = self.neighbour(path)
        names = self.names(other)
        if not names:
            return self.comment()
        name = self.random.choice(names)
        text = path.read_text(encoding="utf-8")
        match = re.search(r"^async def \w+\([^)]*\)[^:\n]*:\n( +)", text, re.MULTILINE)
        if match is None:
            return self.take_names()
        line = f"from {self.dotted(other)} import {name} as lazy; lazy()\n{match[1]}"
        self.write(path, text[: match.end()] + line + text[match.end() :])
        return f"lazily {name} of {other} in {path}"

    def take_names(self) -> str:
        path = self.file()
        other = self.neighbour(path)
        names = [*self.names(other), "*", "*"]
        name = self.random.choice(names)
        line = f"from {self.dotted(other)} import {name}"
        self.append(path, f"\n{line}\n")
        return f"{line} in {path}"

    def shadow(self) -> str:
        """A new file, which may be found in the place of another."""
        path = self.file()
        other = self.neighbour(path)
        new = path.parent / self.random.choice([other.name, f"new_{self.number}.py"])
        if new.exists():
            return self.comment()
        line = f"from {self.dotted(other)} import *\n"
        self.write(new, line + other.read_text(encoding="utf-8"))
        return f"new {new} like {other}"

    def remove(self) -> str:
        path = self.file()
        self.removed.append((path, path.read_text(encoding="utf-8")))
        path.unlink()
        return f"remove {path}"

    def restore(self) -> str:
        if not self.removed:
            return self.comment()
        path, text = self.removed.pop(self.random.randrange(len(self.removed)))
        self.write(path, text)
        return f"restore {path}"

    def break_off(self) -> str:
        path = self.file()
        self.removed.append((path, path.read_text(encoding="utf-8")))
        self.append(path, "\ndef broken(:\n")
        return f"syntax error in {path}"

    def swap(self) -> str:
        one = self.file()
        other = self.neighbour(one)
        first, second = one.read_text(encoding="utf-8"), other.read_text(encoding="utf-8")
        self.write(one, second)
        self.write(other, first)
        return f"swap {one} and {other}"

    def clock(self) -> str:
        path = self.file()
        self.append(path, _CLOCK.format(n=self.number))
        return f"clock in {path}"

    def call_clock(self) -> str:
        """A function that others call reads the clock now."""
        path = self.file()
        text = path.read_text(encoding="utf-8")
        matches = list(re.finditer(r"^( *)return ", text, re.MULTILINE))
        if not matches:
            return self.clock()
        match = self.random.choice(matches)
        line = f"{match[1]}__import__('time'); import time; time.time()\n"
        self.write(path, text[: match.start()] + line + text[match.start() :])
        return f"reads the clock before a return in {path}"

    def flow(self) -> str:
        path = self.file()
        self.append(path, _FLOW.format(n=self.number))
        return f"orchestrator in {path}"

    def no_await(self) -> str:
        path = self.file()
        text = path.read_text(encoding="utf-8")
        found = list(_CALL.finditer(text))
        if not found:
            return self.comment()
        match = self.random.choice(found)
        self.write(path, text[: match.start()] + text[match.end() :])
        return f"no await in {path}"

    def register(self) -> str:
        """A file adds a function to a table of another when it is imported."""
        path = self.file()
        other = self.neighbour(path)
        tables = _TABLE.findall(other.read_text(encoding="utf-8"))
        table = self.random.choice(tables) if tables else "TABLE"
        if not tables:
            self.append(other, "\nTABLE = {}\n\ndef run_table(key):\n    return TABLE[key]()\n")
        text = _CLOCK.format(n=self.number)
        text += (
            f"\nfrom {self.dotted(other)} import {table}\n{table}['k'] = clocked_{self.number}\n"
        )
        self.append(path, text)
        return f"add to {table} of {other} in {path}"

    def subclass(self) -> str:
        path = self.file()
        other = self.neighbour(path)
        names = _CLASS.findall(other.read_text(encoding="utf-8"))
        if not names:
            return self.comment()
        name = self.random.choice(names)
        self.append(
            path,
            f"\nfrom {self.dotted(other)} import {name}\n\nclass Below{self.number}({name}):\n"
            f"    def __init__(self):\n        import random\n\n        random.random()\n\n"
            f"BELOW_{self.number} = Below{self.number}()\n",
        )
        return f"class below {name} of {other} in {path}"

    def new_package(self) -> str:
        path = self.file()
        new = path.parent / f"package_{self.number}"
        self.write(new / "__init__.py", f"from {self.dotted(self.neighbour(path))} import *\n")
        self.append(path, f"\nfrom package_{self.number} import *\n")
        return f"package {new}"

    def decorate(self) -> str:
        path = self.file()
        other = self.neighbour(path)
        names = _DEF.findall(other.read_text(encoding="utf-8"))
        text = path.read_text(encoding="utf-8")
        match = re.search(r"^(async )?def ", text, re.MULTILINE)
        if not names or match is None:
            return self.comment()
        name = self.random.choice(names)
        line = (
            f"from {self.dotted(other)} import {name} as mark_{self.number}\n@mark_{self.number}\n"
        )
        self.write(path, text[: match.start()] + line + text[match.start() :])
        return f"@{name} of {other} in {path}"


@pytest.fixture
def editing() -> Callable[[Path, int], Callable[[int], list[str]]]:
    """Makes an editor of the files below a directory, for a seed.

    Asked, it makes from one to so many changes, and says which.
    """

    def of(root: Path, seed: int) -> Callable[[int], list[str]]:
        editor = Editor(root, seed)
        return lambda most: [editor.edit() for _ in range(editor.random.randint(1, most))]

    return of
