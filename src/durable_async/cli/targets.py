"""The user's code, by the words of a command line. Invariant: a file is the same module, under
the same name, whichever command loads it; so what one process stores, another finds again.

A target is "flows.py:checkout" or "package.module:checkout". A file's folder becomes the first
place to import from, as `python file` makes it; for a module it is the current folder, as
`python -m module` does. A file inside a package is imported as a part of that package.
"""

from __future__ import annotations

import difflib
import importlib
import os
import sys
import threading
import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import click

from durable_async.cli.refusals import TargetError
from durable_async.dsl.definitions import Activity, Orchestrator
from durable_async.lines import is_users_file
from durable_async.worker.places import users_line

__all__ = ["is_target", "load_given", "load_orchestrator"]

LONG_IMPORT: Final = 5.0
"""Seconds after which an import may well be a program that runs."""

_SCRIPTS: Final = 'Put what it does as a script under: if __name__ == "__main__":'


def is_target(text: str) -> bool:
    """Whether this names code, rather than an orchestrator that other processes have."""
    return ":" in text or _is_file(text)


def load_orchestrator(text: str) -> Orchestrator[..., Any]:
    """The orchestrator that a target names.

    Raises: TargetError, saying what there is instead. What the module itself raises when it is
    imported is told by it, too; KeyboardInterrupt goes through.
    """
    where, attribute = _parts(text)
    module = _load_module(where)
    if attribute is None:
        raise TargetError(f"{text!r} names no orchestrator{_choice(module, where)}")
    value = _attribute(module, where, attribute)
    if not isinstance(value, Orchestrator):
        choice = _choice(module, where)
        raise TargetError(f"{text} is {_kind(value)}, not an orchestrator{choice}")
    return value


def load_given(text: str) -> object:
    """What a worker is to be given: a module, or with ":NAME" an object in it.

    Raises: TargetError, as `load_orchestrator`.
    """
    where, attribute = _parts(text)
    module = _load_module(where)
    return module if attribute is None else _attribute(module, where, attribute)


def _parts(text: str) -> tuple[str, str | None]:
    where, colon, attribute = text.rpartition(":")
    if not colon:
        return text, None
    if not where or (attribute and not _is_dotted_name(attribute)):
        raise TargetError(f"{text!r} names nothing. Write flows.py:NAME or package.module:NAME")
    return where, attribute or None


def _load_module(text: str) -> ModuleType:
    if _is_file(text):
        return _load_file(text)
    if not _is_dotted_name(text):
        raise TargetError(
            f"{text!r} is neither a Python file nor a module. Write flows.py or package.module"
        )
    _import_first_from(Path.cwd())
    return _import(text, text)


# ---- files -----------------------------------------------------------------------------------


def _is_file(text: str) -> bool:
    return text.endswith(".py") or os.sep in text or "/" in text or Path(text).is_file()


def _load_file(text: str) -> ModuleType:
    path = _checked_file(text)
    folder, name = _root_and_name(path)
    _import_first_from(folder)
    module = _import(name, text)
    found = getattr(module, "__file__", None)
    if found is None or Path(found).resolve() != path:
        raise TargetError(
            f"{text} would be module {name!r}, and that is {found or 'built into Python'}. "
            "Rename the file"
        )
    return module


def _checked_file(text: str) -> Path:
    path = Path(text)
    if path.is_dir():
        raise TargetError(f"{text} is a folder. Name a file in it, or a package as package.module")
    if not path.is_file():
        near = (file.name for file in _listing(path.parent) if file.suffix == ".py")
        raise TargetError(f"there is no file {text}{_did_you_mean(path.name, near)}")
    if path.suffix != ".py":
        raise TargetError(f"{text} is no Python file: its name does not end in .py")
    if "." in path.stem:
        raise TargetError(f"{text} cannot be imported: its name has a dot in it. Rename the file")
    return path.resolve()


def _root_and_name(path: Path) -> tuple[Path, str]:
    """The folder to import from, and the name there: the outermost package's if it is in one."""
    parts = [] if path.stem == "__init__" else [path.stem]
    folder = path.parent
    while (folder / "__init__.py").is_file() and folder.name.isidentifier():
        parts.insert(0, folder.name)
        folder = folder.parent
    return folder, ".".join(parts) or path.stem


def _listing(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


# ---- importing -------------------------------------------------------------------------------


def _import_first_from(folder: Path) -> None:
    place = str(folder)
    if place in sys.path:
        sys.path.remove(place)
    sys.path.insert(0, place)
    importlib.invalidate_caches()


def _import(name: str, text: str) -> ModuleType:
    try:
        with _told_if_it_takes_long(text):
            return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is not None and f"{name}.".startswith(f"{error.name}."):
            raise TargetError(f"there is no module {text}{_other_module(name)}") from error
        raise TargetError(_could_not_import(text, error)) from error
    except SystemExit as error:
        raise TargetError(
            f"{text} ended the program while it was imported{_place_of(error)}. {_SCRIPTS}"
        ) from error
    except Exception as error:
        raise TargetError(_could_not_import(text, error)) from error


@contextmanager
def _told_if_it_takes_long(text: str) -> Iterator[None]:
    """A module that ends with `asyncio.run(main())` is not imported before that has ended."""
    importing = threading.get_ident()

    def tell() -> None:
        place = users_line(sys._current_frames().get(importing), ())
        stands = f", and stands at {place}" if place else ""
        click.echo(
            f"durable: {text} is still being imported after {LONG_IMPORT:g} s{stands}. {_SCRIPTS}",
            err=True,
        )

    watch = threading.Timer(LONG_IMPORT, tell)
    watch.daemon = True
    watch.start()
    try:
        yield
    finally:
        watch.cancel()


def _could_not_import(text: str, error: Exception) -> str:
    if isinstance(error, SyntaxError) and error.filename is not None:
        return f"{text} could not be imported: {error.msg} ({error.filename}:{error.lineno})"
    return f"{text} could not be imported: {type(error).__name__}: {error}{_place_of(error)}"


def _place_of(error: BaseException) -> str:
    """The innermost line of the user's that led to it, as " (file:line)"."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if is_users_file(frame.filename) and frame.filename != importlib.__file__:
            return f" ({frame.filename}:{frame.lineno})"
    return ""


def _other_module(name: str) -> str:
    folder, _, last = name.rpartition(".")
    if folder in sys.modules:
        if hasattr(sys.modules[folder], last):
            return f". Did you mean {folder}:{last}?"
        places: Iterable[str] = getattr(sys.modules[folder], "__path__", ())
    else:
        places = (str(Path.cwd()),)
    files = (file for place in places for file in _listing(Path(place)))
    near = (
        file.stem
        for file in files
        if file.suffix == ".py" or (file.is_dir() and any(file.glob("*.py")))
    )
    return _did_you_mean(last, near, prefix=f"{folder}." if folder else "") or (
        f". It was looked for from {Path.cwd()} and where Python looks"
    )


# ---- attributes ------------------------------------------------------------------------------


def _is_dotted_name(text: str) -> bool:
    return all(part.isidentifier() for part in text.split("."))


def _attribute(module: ModuleType, where: str, attribute: str) -> Any:
    value: Any = module
    for part in attribute.split("."):
        if not hasattr(value, part):
            near = _did_you_mean(part, getattr(value, "__dict__", ()))
            raise TargetError(f"{where} has no {attribute!r}{near or _choice(module, where)}")
        value = getattr(value, part)
    return value


def _kind(value: Any) -> str:
    if isinstance(value, Activity):
        return "an activity"
    if isinstance(value, type):
        return "a class"
    if callable(value):
        return "a plain function; @da.orchestrator above it would make it one"
    return f"a value of type {type(value).__name__}"


def _choice(module: ModuleType, where: str) -> str:
    names = [name for name, value in vars(module).items() if isinstance(value, Orchestrator)]
    if not names:
        return f". {where} has none: put @da.orchestrator above an async def"
    return ". It has: " + ", ".join(f"{where}:{name}" for name in names)


def _did_you_mean(word: str, near: Iterable[str], *, prefix: str = "") -> str:
    matches = difflib.get_close_matches(word, list(near), n=1)
    return f". Did you mean {prefix}{matches[0]}?" if matches else ""
