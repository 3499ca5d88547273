"""A check of files, from their paths to the findings that are shown; nothing is printed here.

Invariant: what is reported of a file does not depend on which other files were asked about, nor on
whether a cache was there. No file can make a check fail: one that cannot be read or parsed is a
DUR000 finding at the place where reading stopped, and the rest is checked.

Of the files that no orchestrator reaches and that name nothing of durable_async only those are
parsed that were asked for by name; in a small project all are, for it is not felt.
"""

import gc
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from durable_lint.cache import Cache, Last, Run, ground
from durable_lint.config import CODES, Config
from durable_lint.discover.files import Files, Stamp, walk
from durable_lint.model import Finding, Unresolved
from durable_lint.oracle.installed import must_be_installed

if TYPE_CHECKING:
    from durable_lint.discover.prefilter import Glance
    from durable_lint.oracle.oracle import Oracle
    from durable_lint.reach.analysis import Analysis, Result
    from durable_lint.reach.knowledge import Options
    from durable_lint.reach.part import Part
    from durable_lint.source import Source, SourceError
    from durable_lint.vocabulary import Vocabulary

__all__ = ["Report", "Unresolved", "check"]

T = TypeVar("T")

# Up to this many bytes of source all of it is parsed, and every syntax error told: a tenth of a
# second. Of a large project a file that nothing reaches would cost more than it tells.
_SMALL = 1_000_000


class Report(NamedTuple):
    """findings: of the files asked about, by path and place, without those that a comment, the
    settings or a baseline keep silent. files: how many were looked at. reached: those that decided.
    unresolved: calls in reached code that lead nobody knows where. errors: what could not be looked
    at, one line each. known: findings that the baseline holds. stale: its entries for files asked
    about which match nothing any more.
    """

    findings: tuple[Finding, ...]
    files: int
    reached: tuple[str, ...] = ()
    unresolved: tuple[Unresolved, ...] = ()
    errors: tuple[str, ...] = ()
    known: int = 0
    stale: int = 0


def check(
    paths: Iterable[str | os.PathLike[str]],
    config: Config,
    *,
    overrides: Mapping[str, bytes] | None = None,
    cache: Cache | None = None,
) -> Report:
    """Check files and directories against the project around them.

    paths: none at all means the whole project. overrides: contents that stand for those on disk,
    by absolute path; such a file need not exist. cache: None keeps nothing.
    Raises: NoSuchPathError for a path that is not there; BaselineError;
    MypyMissingError when the settings ask for types and mypy is not installed.
    """
    contents = dict(overrides or {})
    files = _files(paths, config, contents)
    kept = cache if cache is not None and not contents else Cache(None)
    plain = config._replace(baseline=None)
    run = kept.run(plain, files.stamps)
    chosen = files.choice()
    troubles: Sequence[str] = ()
    if run is None:
        project = _Project(files, plain, contents, cache or Cache(None))
        run = _without_collector(lambda: project.run(kept.earlier(plain)))
        troubles = project.troubles
        if not troubles:
            kept.keep_run(plain, files.stamps, run, project.parts)
        findings = [finding for finding in run.findings if chosen(finding.path)]
    else:
        findings = [finding for finding in run.findings if chosen(finding.path)]
        if unread := _unread_by_name(files, run, config):
            findings = _sorted([*findings, *unread])
    report = _report(files, config, run, findings, contents)
    return report._replace(errors=(*report.errors, *troubles))


# ---------------------------------------------------------------- files


def _files(
    paths: Iterable[str | os.PathLike[str]], config: Config, contents: Mapping[str, bytes]
) -> Files:
    given = [os.path.abspath(os.fspath(path)).replace(os.sep, "/") for path in paths]
    files = walk([path for path in given if path not in contents], config)
    if not contents:
        return files
    # A file in an editor counts as it is there, by its content; it may not be on disk yet.
    excluded = _exclusion(config)
    stamps = dict(files.stamps)
    for path, data in contents.items():
        if not excluded(path):
            stamps[path] = Stamp(-1, len(data))
    chosen = tuple(dict.fromkeys(given)) or files.given
    return files._replace(stamps=dict(sorted(stamps.items())), given=chosen)


def _exclusion(config: Config) -> Callable[[str], bool]:
    from durable_lint.globs import Globs

    globs = Globs(config.exclude)
    return lambda path: globs.matches(config.relative(path))


def _by_name(files: Files) -> list[str]:
    """The files that were asked for themselves, not by a directory above them."""
    return [path for path in files.given if path in files.stamps]


def _without_collector(work: Callable[[], T]) -> T:
    """Trees are large and have no cycles: looking for some takes a quarter of a check's time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        return work()
    finally:
        if enabled:
            gc.enable()


# ---------------------------------------------------------------- one project


class _Project:
    """What is known of one project, made when it is asked for and kept."""

    def __init__(
        self, files: Files, config: Config, contents: Mapping[str, bytes], cache: Cache
    ) -> None:
        from durable_lint.discover.modules import Modules
        from durable_lint.discover.prefilter import markers

        self._libraries: frozenset[str] | None = None
        self.files = files
        self.stamps = files.stamps
        self.config = config
        self.contents = contents
        self.cache = cache
        self.modules = Modules(files.stamps, root=config.root, external=self._is_library)
        self.words = markers(config, self.modules)
        self._glances: dict[str, Glance] | None = None
        # What was seen in files that have changed since.
        self._seen_before: dict[str, tuple[Stamp, Glance]] = {}
        self._candidates: tuple[str, ...] | None = None
        self._sources: dict[str, Source] = {}
        self._analysis: Analysis | None = None
        self.troubles: list[str] = []
        # How the files of the last run hang together, as the cache keeps it.
        self.parts = b""
        self._last: Last | None = None
        self._grounds: tuple[tuple[str, int, int], ...] = ()

    def _is_library(self, name: str) -> bool:
        if self._libraries is None:
            self._libraries = _libraries()
        return name in self._libraries

    # -------------------------------------------------------- reading

    def source(self, path: str) -> "Source":
        """A file as it is now. Raises: SourceError when it cannot be read."""
        from durable_lint.source import Source

        known = self._sources.get(path)
        if known is None:
            data = self.contents.get(path)
            known = Source.read(path) if data is None else Source(path, data)
            self._sources[path] = known
        return known

    # -------------------------------------------------------- what is worth parsing

    def glances(self) -> "dict[str, Glance]":
        from durable_lint.discover.prefilter import scan

        if self._glances is None:
            kept = _kept_glances(self.cache, self.words)
            found = {
                path: seen
                for path, (stamp, seen) in kept.items()
                if self.stamps.get(path) == stamp and path not in self.contents
            }
            missing = {path: stamp for path, stamp in self.stamps.items() if path not in found}
            self._seen_before = {path: kept[path] for path in missing if path in kept}
            found |= scan(missing, self.words, self._load)
            self._glances = found
            if missing and not self.contents:
                _keep_glances(self.cache, self.words, self.stamps, found)
        return self._glances

    def _glance(self, path: str) -> "Glance":
        from durable_lint.discover.prefilter import scan

        return scan({path: self.stamps[path]}, self.words, self._load)[path]

    def _load(self, path: str, size: int) -> bytes:
        from durable_lint.discover.prefilter import read

        data = self.contents.get(path)
        return read(path, size) if data is None else data

    def candidates(self) -> tuple[str, ...]:
        from durable_lint.discover.prefilter import candidates

        if self._candidates is None:
            glances = self.glances()
            self._candidates = self._candidates_before() or candidates(
                self.stamps, glances, self.modules, self.config, self._load
            )
        return self._candidates

    def _candidates_before(self) -> tuple[str, ...] | None:
        """Those of the last run, when changed files have to do with the same as before."""
        last = self._last
        if last is None or last.stamps.keys() != self.stamps.keys():
            return None
        glances, found = self.glances(), set(last.run.candidates)
        for path, stamp in self.stamps.items():
            known = last.stamps[path]
            if known == stamp:
                continue
            seen = glances[path]
            if self._seen_before.get(path) != (known, seen):
                return None
            # Of a file that is a candidate by what it imports, more counts than a glance tells.
            if path in found and not seen.marked:
                return None
        return last.run.candidates

    # -------------------------------------------------------- judging

    def run(self, last: Last | None = None, by_name: Sequence[str] | None = None) -> Run:
        """The outcome for the whole project. by_name: files that are parsed whatever they hold."""
        self._last = last if last is not None and self._may_go_on_from(last) else None
        candidates = self.candidates()
        named = _by_name(self.files) if by_name is None else by_name
        if self.config.types:
            must_be_installed()
        earlier = self._earlier(candidates) or self._incremented(named)
        if earlier is not None:
            return earlier
        findings: list[Finding] = []
        reached: set[str] = set()
        unresolved: list[Unresolved] = []
        errors: dict[str, SourceError] = {}
        if candidates:  # else nothing of the analysis, the rules and the vocabulary is imported
            result = self._result(candidates)
            findings += result.findings
            reached |= result.reached
            unresolved += sorted(Unresolved(*each) for each in result.unresolved)
            errors = {error.path: error for error in result.errors}
            self._note_parts(candidates)
        looked_at = {*candidates, *reached, *named}
        if _small(self.stamps):
            looked_at.update(self.stamps)
        shown = self._shown([*findings, *self._unread(looked_at, errors)])
        return Run(
            tuple(shown), candidates, tuple(sorted(reached)), tuple(unresolved), self._grounds
        )

    def _result(self, candidates: tuple[str, ...]) -> "Result":
        if not self.config.types:
            return self._analyser().run(candidates)
        from durable_lint.oracle.oracle import Oracle
        from durable_lint.oracle.rounds import analysed

        place = self.cache.directory
        with Oracle(
            self.config.root,
            self.modules,
            lambda path: self.source(path).text,
            self._vocabulary(),
            None if place is None else f"{place}/mypy",
        ) as oracle:
            result = analysed(candidates, oracle, lambda: self._new_analysis(oracle))
        self.troubles = oracle.trouble
        self._grounds = tuple(map(ground, sorted(oracle.grounds)))
        return result

    def _analyser(self) -> "Analysis":
        if self._analysis is None:
            self._analysis = self._new_analysis()
        return self._analysis

    def _vocabulary(self) -> "Vocabulary":
        from durable_lint.vocabulary import Vocabulary

        config = self.config
        nondeterministic: dict[str, list[str]] = {}
        for name, category in config.nondeterministic:
            nondeterministic.setdefault(category, []).append(name)
        vocabulary = Vocabulary.standard(strict_logging=config.strict_logging)
        if nondeterministic or config.deterministic or config.activities:
            vocabulary = vocabulary.with_config(
                nondeterministic, config.deterministic, config.activities
            )
        return vocabulary

    def _new_analysis(self, oracle: "Oracle | None" = None) -> "Analysis":
        from durable_lint.reach.analysis import Analysis
        from durable_lint.rules import judge

        vocabulary = self._vocabulary() if oracle is None else oracle.vocabulary
        return Analysis(self.modules, self.source, vocabulary, self._options(), judge(), oracle)

    def _options(self) -> "Options":
        from durable_lint.reach.knowledge import Options

        config = self.config
        return Options(
            dialects=config.dialects,
            roots=config.roots,
            activities=config.activities,
            strict_logging=config.strict_logging,
        )

    def _earlier(self, candidates: tuple[str, ...]) -> Run | None:
        """The last outcome, when no file has changed that had a part in it."""
        found = self._last
        if found is None:
            return None
        run, stamps, parts = found
        if run.candidates != candidates or stamps.keys() != self.stamps.keys():
            return None
        changed = {path for path, stamp in self.stamps.items() if stamps[path] != stamp}
        decided = {*run.candidates, *run.reached, *(each.path for each in run.findings)}
        if changed & decided:
            return None
        if run.candidates:
            from durable_lint.reach.parts import Parts

            # A file that is imported may do something when it is run.
            if not parts or not changed.isdisjoint(Parts.read(parts).imports):
                return None
        self.parts = parts
        return run

    def _incremented(self, named: Sequence[str]) -> Run | None:
        """The last outcome, with what the changes since then make of it."""
        last = self._last
        if last is None or not last.parts:
            return None
        from durable_lint.increments import Before, Now, increment
        from durable_lint.reach.parts import Parts

        run, stamps, parts = last
        found = increment(
            Before(stamps, run.candidates, Parts.read(parts)),
            Now(
                self.stamps,
                self.candidates(),
                self.glances(),
                self.modules,
                _words(self.config),
                self._part,
                self._load,
            ),
        )
        if found is None:
            return None
        self.parts = found.parts.dump()
        errors = {error.path: error for error in found.errors}
        others = [path for path in named if path not in found.kept]
        shown = self._shown([*found.findings, *self._unread(others, errors)])
        stands = [each for each in run.findings if each.path in found.kept]
        led_nowhere = [each for each in run.unresolved if each.path in found.kept]
        return Run(
            tuple(_sorted([*stands, *shown])),
            self.candidates(),
            tuple(sorted(found.reached)),
            tuple(sorted([*led_nowhere, *found.unresolved])),
        )

    def _part(self, unread: Collection[str], defined_elsewhere: frozenset[str]) -> "Part":
        from durable_lint.reach.part import Part
        from durable_lint.rules import judge

        return Part(
            self.modules,
            self.source,
            self._vocabulary(),
            self._options(),
            judge(),
            unread=unread,
            defined_elsewhere=defined_elsewhere,
        )

    def _may_go_on_from(self, last: Last) -> bool:
        """Whether files that nothing reaches have no part in what is said."""
        if self.config.types or self.config.selects("DUR190"):
            return False
        return not _small(self.stamps) and not _small(last.stamps)

    def _note_parts(self, candidates: tuple[str, ...]) -> None:
        if self._analysis is not None and not _small(self.stamps):
            from durable_lint.reach.parts import parts_of

            parts = parts_of(self._analysis, candidates)
            self.parts = b"" if parts is None else parts.dump()

    def _unread(self, paths: Iterable[str], errors: "dict[str, SourceError]") -> list[Finding]:
        from durable_lint.source import SourceError

        for path in paths:
            try:
                source = self.source(path)
                # What was not asked of an analysed file (its facts were kept) parsed before.
                _ = source.tree
            except SourceError as error:
                errors[path] = error
        return [_unread(error) for _, error in sorted(errors.items())]

    def _shown(self, findings: Sequence[Finding]) -> list[Finding]:
        """Without what comments and settings keep silent."""
        from durable_lint.source import SourceError
        from durable_lint.suppress import suppress

        complain = self.config.selects("DUR190")
        by_path: dict[str, list[Finding]] = {}
        for finding in findings:
            by_path.setdefault(finding.path, []).append(finding)
        if complain:
            for path, seen in self.glances().items():
                if seen.suppresses:
                    by_path.setdefault(path, [])
        shown: list[Finding] = []
        for path, of_file in by_path.items():
            try:
                shown += _offered(
                    self.source(path),
                    suppress(self.source(path), of_file, complain=complain),
                )
            except SourceError:
                shown += of_file
        return _sorted(_selected(shown, self.config))


def _offered(source: "Source", findings: list[Finding]) -> list[Finding]:
    """With `fixable` only where the code as it stands can be mended."""
    if not any(finding.fixable for finding in findings):
        return findings
    from durable_lint.fixing.fix import offered

    return offered(source, findings)


def _selected(findings: Iterable[Finding], config: Config) -> Iterator[Finding]:
    ignored: dict[str, tuple[str, ...]] = {}
    for finding in findings:
        path, code = finding.path, finding.code
        if path not in ignored:
            ignored[path] = config.ignores_in(path)
        if config.selects(code) and not any(
            entry == "ALL" or code.startswith(entry) for entry in ignored[path]
        ):
            yield finding


def _sorted(findings: Iterable[Finding]) -> list[Finding]:
    """By file, place and code; each once."""
    return sorted(dict.fromkeys(findings), key=lambda each: (each.path, each.span, each.code))


def _small(stamps: Mapping[str, Stamp]) -> bool:
    return sum(stamp.size for stamp in stamps.values()) <= _SMALL


def _unread(error: "SourceError") -> Finding:
    return Finding(
        error.path, error.span, "DUR000", CODES["DUR000"], error.message, "<module>", "syntax"
    )


def _unread_by_name(files: Files, run: Run, config: Config) -> list[Finding]:
    """Syntax errors in files asked for by name that the run, made for others, did not look at."""
    if _small(files.stamps):
        return []
    known = {*run.candidates, *run.reached, *(each.path for each in run.findings)}
    unknown = [path for path in _by_name(files) if path not in known]
    if not unknown:
        return []
    from durable_lint.source import Source, SourceError

    found: list[Finding] = []
    for path in unknown:
        try:
            _ = Source.read(path).tree
        except SourceError as error:
            found.append(_unread(error))
    return list(_selected(found, config))


def _words(config: Config) -> frozenset[str]:
    """The parts of all dotted names that the settings hold."""
    names = [*config.roots, *config.activities, *config.deterministic]
    names += [name for name, _ in config.nondeterministic]
    return frozenset(part for name in names for part in name.split("."))


def _libraries() -> frozenset[str]:
    """Top-level names of the libraries that the vocabulary knows."""
    from durable_lint.vocabulary.packages import PACKAGES

    return frozenset(
        owner.partition(".")[0]
        for family in PACKAGES
        for owners in (*family.calls.values(), *family.attributes.values(), family.results)
        for owner in owners
    )


# ---------------------------------------------------------------- what is kept and shown


def _kept_glances(cache: Cache, words: Sequence[bytes]) -> "dict[str, tuple[Stamp, Glance]]":
    from durable_lint.discover.prefilter import Glance

    found: dict[str, tuple[Stamp, Glance]] = {}
    for path, (stamp, seen) in cache.glances(words).items():
        marked, suppresses, imports, plain = seen
        pairs = tuple((module, names) for module, names in imports)
        found[path] = (stamp, Glance(marked, suppresses, pairs, frozenset(plain)))
    return found


def _keep_glances(
    cache: Cache, words: Sequence[bytes], stamps: Mapping[str, Stamp], glances: "dict[str, Glance]"
) -> None:
    cache.keep_glances(
        words,
        (
            (path, stamps[path], (seen.marked, seen.suppresses, seen.imports, sorted(seen.plain)))
            for path, seen in glances.items()
        ),
    )


def _report(
    files: Files,
    config: Config,
    run: Run,
    findings: list[Finding],
    contents: Mapping[str, bytes],
) -> Report:
    chosen = files.choice()
    known = stale = 0
    if config.baseline is not None:
        from durable_lint.baseline import Baseline

        compared = Baseline.read(config.baseline).compare(
            findings, config.root, _Lines(contents), chosen, config.selects
        )
        findings, known, stale = compared
    return Report(
        findings=tuple(findings),
        files=sum(map(chosen, files.stamps)),
        reached=run.reached,
        unresolved=tuple(each for each in run.unresolved if chosen(each.path)),
        errors=tuple(f"{path}: {reason}" for path, reason in files.troubles),
        known=known,
        stale=stale,
    )


class _Lines:
    """Lines of files, each read once."""

    def __init__(self, contents: Mapping[str, bytes]) -> None:
        self.contents = contents
        self.sources: dict[str, Source | None] = {}

    def __call__(self, path: str, number: int) -> str | None:
        from durable_lint.source import Source, SourceError

        if path not in self.sources:
            data = self.contents.get(path)
            try:
                self.sources[path] = Source.read(path) if data is None else Source(path, data)
            except SourceError:
                self.sources[path] = None
        source = self.sources[path]
        return None if source is None else source.line(number)
