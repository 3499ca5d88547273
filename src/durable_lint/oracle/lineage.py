"""Classes that mypy has met: where they come from, and what they are derived from.

Invariant: a class has one name here, the one that the vocabulary has for it if it has one. A class
of the project is told by its file; a file of the project that is not looked at has no classes.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from durable_lint.discover.modules import Modules
from durable_lint.vocabulary import Vocabulary

__all__ = ["Classes", "Known"]

# What does not say what an object does.
_EVERYWHERE: Final = frozenset({"builtins.object", "abc.ABC", "typing.Generic", "typing.Protocol"})


class Known(NamedTuple):
    """A class. path: of its file, when that is one of the project, and `qualname` within it.

    name: of a library's class. line: its own full name and those of its bases, nearest first.
    """

    name: str
    path: str
    qualname: str
    line: tuple[str, ...]
    awaitable: bool


class Classes:
    """By full name, as mypy has it."""

    def __init__(self, root: str, modules: Modules, vocabulary: Vocabulary) -> None:
        self.bases: dict[str, tuple[str, ...]] = {}
        self._root = root
        self._modules = modules
        self._vocabulary = vocabulary
        self._known: dict[str, Known] = {}

    def add(self, classes: Mapping[str, Mapping[str, Any]]) -> None:
        """Take over classes of an answer."""
        for name, told in classes.items():
            path: str = told["path"]
            own = path in self._modules.files
            line = tuple(told["line"])
            self._known[name] = Known(
                name=self._vocabulary.canonical(name),
                path=path if own or self._is_passed_over(path) else "",
                qualname=name.removeprefix(f"{told['module']}."),
                line=line,
                awaitable=told["awaitable"],
            )
            if not own:
                self._derive(self._vocabulary.canonical(name), line)

    def get(self, name: str) -> Known | None:
        return self._known.get(name)

    def _is_passed_over(self, path: str) -> bool:
        """Whether a file lies in the project, but is none that is looked at."""
        return (
            path.startswith(self._root.rstrip("/") + "/")
            and "/site-packages/" not in path
            and "/dist-packages/" not in path
            and not path.endswith(".pyi")
        )

    def _derive(self, name: str, line: tuple[str, ...]) -> None:
        """A class that the vocabulary does not know is what its known bases are."""
        if self._vocabulary.is_class(name):
            return
        bases = (self._vocabulary.canonical(base) for base in line[1:])
        known = dict.fromkeys(
            base for base in bases if base not in _EVERYWHERE and self._vocabulary.is_class(base)
        )
        if known:
            self.bases[name] = tuple(known)
