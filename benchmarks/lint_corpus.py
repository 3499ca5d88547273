"""A code base to lint: 1.1 million lines, of which 2 % are orchestrators and what belongs to them.

Invariant: the same installed packages and the same cases give the same files. A tenth of the other
code is imported by the relevant code, so that 12 % of all lines can be reached; the rest is what a
checker should pass over without parsing it.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import sysconfig
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Final

import attrs

__all__ = ["Corpus", "build"]

CASES: Final = Path(__file__).resolve().parent.parent / "tests" / "lint" / "corpus"
LINES: Final = 1_145_000
RELEVANT: Final = 0.02
"""Of the lines: those of the labelled cases, as many of them as that is."""
LINKED: Final = 0.16
"""Of the lines: those of other code that relevant modules import."""
FORM: Final = "5"
"""Another one whenever the same sources give other files."""
PROJECT: Final = """\
[project]
name = "everything"
version = "1"

[tool.durable-lint]
dialects = ["temporalio", "durabletask"]
"""
LEFT_OUT: Final = frozenset(
    {"durable_async", "durable_lint", "temporalio", "durabletask", "azure", "test", "idlelib"}
)


@attrs.frozen(kw_only=True)
class Corpus:
    """root: the project. lines: of all files. relevant, background: files to change."""

    root: Path
    lines: int
    relevant: tuple[Path, ...]
    background: tuple[Path, ...]


@attrs.frozen
class Package:
    """One installed package of pure Python."""

    path: Path
    files: tuple[Path, ...]
    lines: int


def build(folder: Path, lines: int = LINES) -> Corpus:
    """The corpus in a folder; one that is there already is taken as it is."""
    packages = list(_packages())
    root = folder / f"lint-{_fingerprint(packages, lines)}"
    if not (root / "complete").exists():
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir(parents=True)
        _write(root, packages, lines)
        (root / "complete").touch()
    files = sorted(root.rglob("*.py"))
    services = root / "services"
    relevant = [path for path in files if services in path.parents]
    background = [path for path in files if services not in path.parents]
    return Corpus(
        root=root,
        lines=sum(_lines(path) for path in files),
        relevant=tuple(path for path in relevant if b"orchestrator" in path.read_bytes()),
        background=tuple(path for path in background if path.parent != root),
    )


def _packages() -> Iterator[Package]:
    """What is installed beside us, and the packages of the standard library."""
    paths = sysconfig.get_paths()
    for home in dict.fromkeys((paths["purelib"], paths["platlib"], paths["stdlib"])):
        for path in sorted(Path(home).iterdir()):
            if path.name in LEFT_OUT or not (path / "__init__.py").exists():
                continue
            files = tuple(sorted(path.rglob("*.py")))
            yield Package(path, files, sum(map(_lines, files)))


def _lines(path: Path) -> int:
    return path.read_bytes().count(b"\n")


def _fingerprint(packages: Sequence[Package], lines: int) -> str:
    text = f"{FORM} {lines} {[(package.path.name, package.lines) for package in packages]}"
    digest = hashlib.sha256(text.encode())
    for path in sorted(CASES.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _write(root: Path, packages: Sequence[Package], lines: int) -> None:
    (root / "pyproject.toml").write_text(PROJECT)
    cases = _cases(lines)
    for case in cases:
        shutil.copytree(case, root / "services" / case.name, ignore=_settings)
    written = sum(map(_lines, root.rglob("*.py")))
    linked: list[str] = []
    linked_lines = 0
    for name, package in _renamed(packages):
        if written >= lines:
            break
        modules = _copy(package, root, name)
        written += package.lines
        # Now one, now another, so that large and small ones are among them.
        if linked_lines < LINKED * lines and len(name) % 2:
            linked += modules
            linked_lines += package.lines
    _link(root, [case.name for case in cases], linked)


def _cases(lines: int) -> list[Path]:
    """As many as are relevant, of all kinds: in an order that says nothing."""
    chosen: list[Path] = []
    left = RELEVANT * lines
    for case in sorted(
        (path for path in CASES.iterdir() if path.is_dir()),
        key=lambda path: hashlib.sha256(path.name.encode()).digest(),
    ):
        size = sum(map(_lines, case.rglob("*.py")))
        if size <= left:
            chosen.append(case)
            left -= size
    return sorted(chosen)


def _settings(folder: str, names: list[str]) -> list[str]:
    """There is one project; the cases' own settings are not its."""
    return [name for name in names if name == "pyproject.toml"]


def _renamed(packages: Sequence[Package]) -> Iterator[tuple[str, Package]]:
    """Each package again and again, under a new name each time."""
    for turn in count():
        for package in packages:
            yield f"{package.path.name}_{turn:02}", package


def _copy(package: Package, root: Path, name: str) -> list[str]:
    """Write a package under another name, by which its modules then import each other too."""
    old = package.path.name
    own = re.compile(rf"^(\s*(?:from|import)\s+){re.escape(old)}\b".encode(), re.MULTILINE)
    modules: list[str] = []
    for path in package.files:
        place = Path(name) / path.relative_to(package.path)
        (root / place).parent.mkdir(parents=True, exist_ok=True)
        (root / place).write_bytes(own.sub(rb"\g<1>" + name.encode(), path.read_bytes()))
        modules.append(".".join(place.with_suffix("").parts).removesuffix(".__init__"))
    return modules


def _link(root: Path, cases: Sequence[str], modules: Sequence[str]) -> None:
    """Let the orchestrators of each case import a share of the other code."""
    for place, case in enumerate(cases):
        share = modules[place :: len(cases)]
        importable = [module for module in share if all(map(str.isidentifier, module.split(".")))]
        link = root / f"linked_{case}.py"
        link.write_text("".join(f"import {module}\n" for module in importable))
        for path in sorted((root / "services" / case).rglob("*.py")):
            text = path.read_text()
            if "orchestrator" in text or "workflow.defn" in text:
                path.write_text(f"{text}\nimport linked_{case}\n")
                break
