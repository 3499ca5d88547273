"""What earlier runs found out; losing it costs time and nothing else.

Invariant: an entry is used only for exactly what it was made from - this release, this Python,
these settings, these files by time and size. What is damaged, unreadable or not writable is passed
over in silence. Entries are JSON or opaque bytes under a hash of their own: nothing that is read
can run code, for a cache may come with somebody's repository.
"""

import json
import os
import sys
import time
from binascii import crc32
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from durable_lint import __version__
from durable_lint.config import Config
from durable_lint.discover.files import Stamp
from durable_lint.model import Finding, Span, Step, Unresolved

__all__ = ["NAME", "Cache", "Last", "Run", "ground"]

NAME = ".durable-lint-cache"
_TAG = "Signature: 8a477f597d28d172789f06886806bc55\n# This directory holds a cache.\n"
_RUNS_KEPT = 8
_DAY = 86_400
_FACTS_KEPT = 14 * _DAY


class Run(NamedTuple):
    """The outcome of one whole run, before anybody's choice of paths and any baseline.

    candidates, reached: files that decided it; while they stand, and no others join them, it does.
    grounds: what it hangs on besides the files of the project, with time and size; -1 for both
    when it is not there. dialects: those that the settings do not name, with the number of files
    that may hold orchestrators of theirs; only looked for where there are no others.
    """

    findings: tuple[Finding, ...]
    candidates: tuple[str, ...]
    reached: tuple[str, ...]
    unresolved: tuple[Unresolved, ...]
    grounds: tuple[tuple[str, int, int], ...] = ()
    dialects: tuple[tuple[str, int], ...] = ()


class Last(NamedTuple):
    """The last outcome. stamps: the files that it was for. parts: how they hang together."""

    run: Run
    stamps: dict[str, Stamp]
    parts: bytes


class Cache:
    """directory: where it is; None keeps nothing."""

    __slots__ = ("_made", "directory")

    def __init__(self, directory: str | None) -> None:
        self.directory = directory
        self._made = False

    @classmethod
    def beside(cls, root: str) -> "Cache":
        """In the project's root."""
        return cls(f"{root.rstrip('/')}/{NAME}")

    # ------------------------------------------------------------ whole runs

    def run(self, config: Config, stamps: Mapping[str, Stamp]) -> Run | None:
        """The outcome for exactly these files; None when there is none."""
        stored = self._stored(config)
        if stored is None:
            return None
        body, files, _ = stored
        return _standing(_run(body)) if files == _packed(stamps) else None

    def earlier(self, config: Config) -> Last | None:
        """The last outcome with these settings, the files that it was for, and its parts."""
        stored = self._stored(config)
        if stored is None:
            return None
        body, files, parts = stored
        return Last(_run(body), _unpacked(files), parts)

    def keep_run(
        self, config: Config, stamps: Mapping[str, Stamp], run: Run, parts: bytes = b""
    ) -> None:
        """parts: a line that says how the files hang together; empty when that is not known."""
        key = _key(config)
        rest = b"\n".join((json.dumps(run).encode(), parts, _packed(stamps)))
        data = json.dumps([key, crc32(rest)]).encode() + b"\n" + rest
        if self._write(_run_name(key), data):
            self._drop_old_runs()

    def _stored(self, config: Config) -> tuple[bytes, bytes, bytes] | None:
        """An outcome, its files and its parts, when they are those that were written."""
        key = _key(config)
        data = self._read(_run_name(key))
        if data is None:
            return None
        head, _, rest = data.partition(b"\n")
        if _json(head) != [key, crc32(rest)]:
            return None
        body, _, rest = rest.partition(b"\n")
        parts, _, files = rest.partition(b"\n")
        return body, files, parts

    def _drop_old_runs(self) -> None:
        """Each set of settings has a run of its own; the latest stay."""
        place = f"{self.directory}/runs"
        try:
            found = sorted((entry.stat().st_mtime_ns, entry.path) for entry in os.scandir(place))
            for _, path in found[:-_RUNS_KEPT]:
                os.unlink(path)
        except OSError:
            return

    # ------------------------------------------------------------ glances

    def glances(self, words: Sequence[bytes]) -> dict[str, tuple[Stamp, list[Any]]]:
        """What was seen at a glance in each file, by path, as it was kept."""
        data = self._read("glances.json")
        head, _, body = (data or b"").partition(b"\n")
        if _json(head) != [_glances_key(words), crc32(body)]:
            return {}
        return {path: (Stamp(mtime, size), seen) for path, mtime, size, seen in json.loads(body)}

    def keep_glances(
        self, words: Sequence[bytes], seen: Iterable[tuple[str, Stamp, Sequence[object]]]
    ) -> None:
        files = [(path, stamp.mtime, stamp.size, what) for path, stamp, what in seen]
        body = json.dumps(files, separators=(",", ":")).encode()
        head = json.dumps([_glances_key(words), crc32(body)]).encode()
        self._write("glances.json", head + b"\n" + body)

    # ------------------------------------------------------------ facts

    def facts(self, data: bytes) -> bytes | None:
        """What was kept for a file of this content."""
        kept = self._read(name := _facts_name(data))
        if kept is None or len(kept) < 4:
            return None
        check, facts = kept[:4], kept[4:]
        if crc32(facts).to_bytes(4, "big") != check:
            return None
        self._touch(name)
        return facts

    def keep_facts(self, data: bytes, facts: bytes) -> None:
        """facts: whatever the analysis makes of the content; nothing but the content may decide."""
        self._write(_facts_name(data), crc32(facts).to_bytes(4, "big") + facts)

    def drop_old_facts(self) -> None:
        """Forget what no run has asked for in two weeks; looks at most once a day."""
        if self.directory is None:
            return
        now = time.time()
        mark = f"{self.directory}/facts/dropped"
        try:
            if now - os.stat(mark).st_mtime < _DAY:
                return
        except OSError:
            pass
        if not self._write("facts/dropped", b""):
            return
        for place, _, names in os.walk(f"{self.directory}/facts"):
            for name in names:
                self._drop_if_old(f"{place}/{name}", now)

    def _drop_if_old(self, path: str, now: float) -> None:
        try:
            if now - os.stat(path).st_mtime > _FACTS_KEPT:
                os.unlink(path)
        except OSError:
            return

    def _touch(self, name: str) -> None:
        path = f"{self.directory}/{name}"
        try:
            if time.time() - os.stat(path).st_mtime > _DAY:
                os.utime(path)
        except OSError:
            return

    # ------------------------------------------------------------ files

    def _read(self, name: str) -> bytes | None:
        if self.directory is None:
            return None
        try:
            with open(f"{self.directory}/{name}", "rb") as file:
                return file.read()
        except OSError:
            return None

    def _write(self, name: str, data: bytes) -> bool:
        """Put a file in place of the old one, whole or not at all."""
        if self.directory is None:
            return False
        path = f"{self.directory}/{name}"
        temporary = f"{path}.{os.getpid()}.tmp"
        try:
            self._make(path)
            with open(temporary, "wb") as file:
                file.write(data)
            os.replace(temporary, path)
        except OSError:
            return False
        return True

    def _make(self, path: str) -> None:
        os.makedirs(path.rpartition("/")[0], exist_ok=True)
        if self._made:
            return
        self._made = True
        # Neither committed nor backed up, whatever the project's own settings say.
        for name, text in ((".gitignore", "*\n"), ("CACHEDIR.TAG", _TAG)):
            place = f"{self.directory}/{name}"
            if not os.path.exists(place):
                with open(place, "w", encoding="ascii") as file:
                    file.write(text)


# ---------------------------------------------------------------- keys


def _key(config: Config) -> str:
    return repr((_program(), tuple(config)))


def _glances_key(words: Sequence[bytes]) -> str:
    return repr((_program(), tuple(words)))


def _program() -> tuple[object, ...]:
    """What computes: while it stays, equal files give equal findings."""
    return (__version__, sys.version_info[:3], sys.platform, _own_files())


def _own_files() -> int:
    """One number for the files of this package: who works on it is not shown old results."""
    found: list[tuple[str, int, int]] = []
    waiting = [os.path.dirname(os.path.abspath(__file__))]
    while waiting:
        for entry in os.scandir(waiting.pop()):
            if entry.name.endswith(".py"):
                status = entry.stat()
                found.append((entry.path, status.st_mtime_ns, status.st_size))
            elif entry.name != "__pycache__" and entry.is_dir():
                waiting.append(entry.path)
    return crc32(repr(sorted(found)).encode())


def _run_name(key: str) -> str:
    return f"runs/{crc32(key.encode('utf-8', 'surrogatepass')):08x}.json"


def _facts_name(data: bytes) -> str:
    from hashlib import blake2b

    salt = repr(_program()[:2]).encode()
    digest = blake2b(data, digest_size=20, salt=crc32(salt).to_bytes(16, "big")).hexdigest()
    return f"facts/{digest[:2]}/{digest[2:]}"


# ---------------------------------------------------------------- forms


def _packed(stamps: Mapping[str, Stamp]) -> bytes:
    """All files in one piece: comparing it is quicker than any hash of it. No path holds a NUL."""
    parts = [f"{path}\0{mtime}\0{size}" for path, (mtime, size) in stamps.items()]
    return "\0".join(parts).encode("utf-8", "surrogateescape")


def _unpacked(data: bytes) -> dict[str, Stamp]:
    parts = data.decode("utf-8", "surrogateescape").split("\0") if data else []
    return {
        path: Stamp(int(mtime), int(size))
        for path, mtime, size in zip(parts[::3], parts[1::3], parts[2::3], strict=True)
    }


def _json(data: bytes) -> object:
    try:
        found: object = json.loads(data)
        return found
    except (ValueError, RecursionError):
        return None


def _run(body: bytes) -> Run:
    """What `keep_run` wrote; the check sum told that it is."""
    findings, candidates, reached, unresolved, grounds, dialects = json.loads(body)
    return Run(
        tuple(_finding(*each) for each in findings),
        tuple(candidates),
        tuple(reached),
        tuple(Unresolved(path, Span(*span), *texts) for path, span, *texts in unresolved),
        tuple((path, mtime, size) for path, mtime, size in grounds),
        tuple((dialect, files) for dialect, files in dialects),
    )


def _standing(run: Run) -> Run | None:
    """The outcome, when all that it hangs on is as it was."""
    return run if all(known == ground(known[0]) for known in run.grounds) else None


def ground(path: str) -> tuple[str, int, int]:
    """How a file or directory outside of the project stands."""
    try:
        status = os.stat(path)
    except OSError:
        return path, -1, -1
    return path, status.st_mtime_ns, status.st_size


def _finding(path: str, span: list[int], *fields: Any) -> Finding:
    code, category, message, function, subject, via, fixable = fields
    steps = tuple(Step(*each) for each in via)
    return Finding(path, Span(*span), code, category, message, function, subject, steps, fixable)
