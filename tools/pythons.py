"""Which Pythons of this machine can build a virtual environment of the project.

Invariant: an interpreter is named only after it has run. A name on PATH proves nothing: a pyenv
shim exists and fails, and a system's Python may come without `venv`.

This file finds the newer Python, so it runs on an older one: Python 3.8 is enough.

    python tools/pythons.py best          the path of the interpreter to make `.venv` with
    python tools/pythons.py find 3.12     the path of a Python 3.12
    python tools/pythons.py others 3.11   the tested versions found here, except 3.11
    python tools/pythons.py report        what was found, what is missing, what is unusable and why

`best` and `find` end with 1 and say what to install when there is none.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:  # Python 3.8 cannot subscript it, and only the annotations do
    from collections.abc import Sequence


class Version(NamedTuple):
    """A feature release: what a virtual environment is made for."""

    major: int
    minor: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}"


# The first one found makes `.venv`. The oldest comes first: what works there works on the others,
# while a developer on the newest would learn of a missing name only from CI.
TESTED = (Version(3, 11), Version(3, 12), Version(3, 13))
FLOOR = TESTED[0]

# What an interpreter has to answer before it counts. `ensurepip` is what Debian leaves out,
# `sqlite3` what a build without the headers leaves out.
PROBE = """
import sys
print("%d.%d" % sys.version_info[:2], "%d.%d.%d" % sys.version_info[:3])
missing = []
for name in ("venv", "ensurepip", "sqlite3"):
    try:
        __import__(name)
    except ImportError:
        missing.append(name)
print(" ".join(missing))
print(sys.executable)
"""
PROBE_SECONDS = 20


class Interpreter(NamedTuple):
    """A Python that ran: `path` is its own word for where it is, `lacks` names missing modules."""

    version: Version
    release: str
    path: str
    lacks: tuple[str, ...]


def probe(candidate: str) -> Interpreter | None:
    """Run the candidate and let it describe itself; None if it does not run."""
    try:
        answer = subprocess.run(
            [candidate, "-I", "-c", PROBE],
            capture_output=True,
            check=True,
            text=True,
            timeout=PROBE_SECONDS,
            stdin=subprocess.DEVNULL,
        )
        numbers, lacks, path = answer.stdout.splitlines()
        short, release = numbers.split()
        version = parsed(short)
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    return Interpreter(version, release, path, tuple(lacks.split()))


def parsed(text: str) -> Version:
    """3.11 as a version; ValueError if it is none."""
    try:
        major, minor = text.split(".")
        return Version(int(major), int(minor))
    except ValueError:
        raise ValueError(f"{text!r} is not a version such as 3.12") from None


def candidates(path: str, pyenv_root: Path) -> list[str]:
    """Every file that could be a Python we want, in the order in which to prefer them.

    A folder on PATH wins over pyenv's own store, a numbered name over `python3`.
    """
    numbered = [f"python{version}" for version in TESTED]
    folders = [Path(folder) for folder in path.split(os.pathsep) if folder]
    files = [folder / name for name in numbered for folder in folders]
    for version in TESTED:
        # Newest patch release first: 3.12.10 before 3.12.9, so by number and not by text.
        installed = sorted(
            pyenv_root.glob(f"versions/{version}.*/bin/python"),
            key=lambda file: [int(n) for n in file.parts[-3].split(".") if n.isdigit()],
            reverse=True,
        )
        files.extend(installed)
    files.extend(folder / name for name in ("python3", "python") for folder in folders)
    return list(dict.fromkeys(str(file) for file in files if os.access(file, os.X_OK)))


def discover(names: Sequence[str]) -> list[Interpreter]:
    """The interpreters behind the names, each once, at least the floor, in the order given."""
    found: dict[str, Interpreter] = {}
    for name in names:
        interpreter = probe(name)
        if interpreter is not None and interpreter.version >= FLOOR:
            found.setdefault(os.path.realpath(interpreter.path), interpreter)
    return list(found.values())


def usable(interpreters: Sequence[Interpreter], version: Version) -> Interpreter | None:
    """The first complete interpreter of this version."""
    for interpreter in interpreters:
        if interpreter.version == version and not interpreter.lacks:
            return interpreter
    return None


def best(interpreters: Sequence[Interpreter]) -> Interpreter | None:
    """A tested version, else the newest above the floor: better untested than nothing."""
    for version in TESTED:
        interpreter = usable(interpreters, version)
        if interpreter is not None:
            return interpreter
    rest = [interpreter for interpreter in interpreters if not interpreter.lacks]
    return max(rest, key=lambda interpreter: interpreter.version, default=None)


def report(interpreters: Sequence[Interpreter]) -> list[str]:
    """One line a version, for a person."""
    lines = []
    for version in TESTED:
        interpreter = usable(interpreters, version)
        if interpreter is not None:
            lines.append(f"Python {interpreter.release}: {interpreter.path}")
        else:
            lines.append(f"Python {version}: not on this machine")
    return lines + excuses(interpreters)


def excuses(interpreters: Sequence[Interpreter]) -> list[str]:
    """One line for each interpreter that runs and yet cannot be used."""
    return [
        f"Python {found.release}: {found.path} not used, it lacks {' and '.join(found.lacks)}"
        for found in interpreters
        if found.lacks
    ]


def advice(wanted: str, interpreters: Sequence[Interpreter]) -> str:
    """Why there is no such Python here, and what to do about it."""
    found_none = f"No {wanted} was found: looked on PATH and in pyenv's versions."
    what_to_do = """\
Install one, for example with your system's packages (on Debian and Ubuntu with the venv package:
apt install python3 python3-venv) or with `pyenv install 3.12`, then run make again.
A Python in another place is named so: make PYTHON=/path/to/python ..."""
    return "\n".join([found_none, *excuses(interpreters), what_to_do])


def main(arguments: Sequence[str]) -> int:
    """Answer one of the four questions of the module's docstring."""
    pyenv_root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    interpreters = discover(candidates(os.environ.get("PATH", ""), pyenv_root))
    command, *rest = arguments or ["report"]
    if command == "report":
        print("\n".join(report(interpreters)))
        return 0
    if command == "others":
        present = [str(version) for version in TESTED if usable(interpreters, version)]
        print(" ".join(version for version in present if version not in rest))
        return 0
    if command == "best" and not rest:
        wanted, choice = f"Python {FLOOR} or newer", best(interpreters)
    elif command == "find" and len(rest) == 1:
        wanted, choice = f"Python {rest[0]}", usable(interpreters, parsed(rest[0]))
    else:
        print(__doc__, file=sys.stderr)
        return 2
    if choice is None:
        print(advice(wanted, interpreters), file=sys.stderr)
        return 1
    print(choice.path)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except ValueError as error:
        sys.exit(str(error))
