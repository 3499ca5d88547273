"""What is known of one project, from its files to what is found in them.

Invariant: whatever is asked is found out once, when it is asked for, and kept. A run that finds no
orchestrator does not wait for the analysis, the rules and the vocabulary to be imported.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from durable_lint import selection
from durable_lint.cache import Cache, Last, Run, ground
from durable_lint.config import Config
from durable_lint.discover.files import Files, Stamp, is_small
from durable_lint.model import Finding, SourceError, Unresolved
from durable_lint.oracle.installed import must_be_installed

if TYPE_CHECKING:
    from durable_lint.discover.prefilter import Glance
    from durable_lint.oracle.oracle import Oracle
    from durable_lint.reach.analysis import Analysis, Result
    from durable_lint.reach.knowledge import Options
    from durable_lint.reach.part import Part
    from durable_lint.source import Source
    from durable_lint.vocabulary import Vocabulary

__all__ = ["Project", "with_offers"]


class Project:
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
        """What is seen at a glance in each file."""
        from durable_lint.discover.prefilter import scan
        from durable_lint.discover.twin import scan_together

        if self._glances is None:
            kept = _kept_glances(self.cache, self.words)
            found = {
                path: seen
                for path, (stamp, seen) in kept.items()
                if self.stamps.get(path) == stamp and path not in self.contents
            }
            missing = {path: stamp for path, stamp in self.stamps.items() if path not in found}
            self._seen_before = {path: kept[path] for path in missing if path in kept}
            found |= (
                scan(missing, self.words, self.load)
                if self.contents
                else scan_together(missing, self.words, _expect_an_analysis)
            )
            self._glances = found
            if missing and not self.contents:
                _keep_glances(self.cache, self.words, self.stamps, found)
        return self._glances

    def glance(self, path: str) -> "Glance":
        """What is seen in one file as it is now."""
        from durable_lint.discover.prefilter import scan

        return scan({path: self.stamps[path]}, self.words, self.load)[path]

    def load(self, path: str, size: int) -> bytes:
        """The bytes of a file as it is now, of about this size. Raises: OSError."""
        from durable_lint.discover.prefilter import read

        data = self.contents.get(path)
        return read(path, size) if data is None else data

    def candidates(self) -> tuple[str, ...]:
        """The files that are worth parsing whatever the others hold."""
        from durable_lint.discover.prefilter import candidates

        if self._candidates is None:
            glances = self.glances()
            self._candidates = self._candidates_before() or candidates(
                self.stamps, glances, self.modules, self.config, self.load
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
        named = self.files.by_name if by_name is None else by_name
        if self.config.types:
            must_be_installed()
        earlier = self._earlier(candidates) or self._incremented(named)
        if earlier is not None:
            return earlier._replace(dialects=self._dialects(candidates))
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
        if is_small(self.stamps):
            looked_at.update(self.stamps)
        shown = self.shown([*findings, *self.unread(looked_at, errors)])
        return Run(
            tuple(shown),
            candidates,
            tuple(sorted(reached)),
            tuple(unresolved),
            self._grounds,
            self._dialects(candidates),
        )

    def _dialects(self, candidates: tuple[str, ...]) -> tuple[tuple[str, int], ...]:
        """Those that a project without orchestrators speaks, if its settings name none."""
        if candidates or self.config.dialects:
            return ()
        from durable_lint.discover.dialects import spoken

        return spoken(self.glances().values())

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
            self.vocabulary(),
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

    def vocabulary(self) -> "Vocabulary":
        """What is known of libraries, with what the settings say of further names."""
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

        vocabulary = self.vocabulary() if oracle is None else oracle.vocabulary
        glances = self.glances()
        return Analysis(
            self.modules,
            self.source,
            vocabulary,
            self.options(),
            judge(),
            oracle,
            lambda path: glances[path].imports,
        )

    def options(self) -> "Options":
        """What the settings say to the analysis."""
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
                self.load,
            ),
        )
        if found is None:
            return None
        self.parts = found.parts.dump()
        errors = {error.path: error for error in found.errors}
        others = [path for path in named if path not in found.kept]
        shown = self.shown([*found.findings, *self.unread(others, errors)])
        stands = [each for each in run.findings if each.path in found.kept]
        led_nowhere = [each for each in run.unresolved if each.path in found.kept]
        return Run(
            tuple(selection.in_order([*stands, *shown])),
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
            self.vocabulary(),
            self.options(),
            judge(),
            unread=unread,
            defined_elsewhere=defined_elsewhere,
        )

    def _may_go_on_from(self, last: Last) -> bool:
        """Whether files that nothing reaches have no part in what is said."""
        if self.config.types or self.config.selects("DUR190"):
            return False
        return not is_small(self.stamps) and not is_small(last.stamps)

    def _note_parts(self, candidates: tuple[str, ...]) -> None:
        if self._analysis is not None and not is_small(self.stamps):
            from durable_lint.reach.parts import parts_of

            parts = parts_of(self._analysis, candidates)
            self.parts = b"" if parts is None else parts.dump()

    def unread(self, paths: Iterable[str], errors: dict[str, SourceError]) -> list[Finding]:
        """What is said of those files that cannot be read or parsed. errors: what is known."""
        for path in paths:
            try:
                source = self.source(path)
                # What was not asked of an analysed file (its facts were kept) parsed before.
                _ = source.tree
            except SourceError as error:
                errors[path] = error
        return [selection.unread(error) for _, error in sorted(errors.items())]

    def shown(self, findings: Sequence[Finding]) -> list[Finding]:
        """Without what comments and settings keep silent."""
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
                source = self.source(path)
                shown += with_offers(source, suppress(source, of_file, complain=complain))
            except SourceError:
                shown += of_file
        return selection.in_order(selection.selected(shown, self.config))


def with_offers(source: "Source", findings: list[Finding]) -> list[Finding]:
    """With `fixable` only where the code as it stands can be mended."""
    if not any(finding.fixable for finding in findings):
        return findings
    from durable_lint.fixing.fix import offered

    return offered(source, findings)


def _expect_an_analysis() -> None:
    """Import what will be needed: a large project without orchestrators is seldom checked."""
    from durable_lint.reach.analysis import Analysis
    from durable_lint.rules import judge

    del Analysis, judge


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


# ---------------------------------------------------------------- what a cache keeps


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
