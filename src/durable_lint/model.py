"""A finding is plain data: it says where, what and why, and holds no tree and no open file.

So it can be cached, compared, sent to an editor and written in any format. NamedTuples, because
the command must start in milliseconds.
"""

from typing import NamedTuple

__all__ = ["Finding", "SourceError", "Span", "Step", "Unresolved"]


class Span(NamedTuple):
    """A piece of a file. Lines and columns count from 1, columns in characters; the end is out."""

    line: int
    column: int
    end_line: int
    end_column: int


class Step(NamedTuple):
    """One link of the chain from an orchestrator down to a finding.

    path: of the file, absolute. line: where the next link is called, from 1.
    function: the function that calls it, `Order.total` for a method.
    """

    path: str
    line: int
    function: str


class Finding(NamedTuple):
    """One thing that would break replay.

    path: of the file, absolute, with forward slashes. category: of the rule (`wall_clock`).
    message: what is wrong and what to do, one line. function: the function that holds it,
    `<module>` outside of any. subject: what it is about, in a stable spelling
    (`datetime.datetime.now`, the name of a variable): fixes and fingerprints go by it.
    via: from the orchestrator down to the function, empty when the finding is in the orchestrator.
    fixable: `--fix` can mend it.
    """

    path: str
    span: Span
    code: str
    category: str
    message: str
    function: str
    subject: str
    via: tuple[Step, ...] = ()
    fixable: bool = False


class Unresolved(NamedTuple):
    """A call in reached code of which nobody can say where it leads.

    path: of the file, absolute. expression: what is called, as in the source. function: that holds
    the call.
    """

    path: str
    span: Span
    expression: str
    function: str


class Verdict(NamedTuple):
    """What a rule says of an observation.

    message: what is wrong and what to do, one line. subject, fixable: as in a finding.
    """

    message: str
    subject: str
    fixable: bool = False


class SourceError(Exception):
    """A file that cannot be read as Python.

    path: of the file. line, column: from 1, column in characters. message: one line.
    """

    def __init__(self, path: str, line: int, column: int, message: str) -> None:
        super().__init__(path, line, column, message)
        self.path = path
        self.line = line
        self.column = column
        self.message = message

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}: {self.message}"

    @property
    def span(self) -> Span:
        """The one character at which reading stopped."""
        return Span(self.line, self.column, self.line, self.column + 1)
