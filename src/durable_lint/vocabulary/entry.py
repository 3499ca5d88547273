"""What the vocabulary says about one name: its category, and when a use of it counts."""

from enum import StrEnum
from typing import NamedTuple, assert_never

__all__ = ["Arguments", "Entry", "When"]

_IN_MEMORY = frozenset({"io.BytesIO", "io.StringIO", "builtins.bytes", "builtins.bytearray"})
_OPEN_FILE = frozenset({"fileobj", "fp", "stream"})
_PATH = frozenset(
    {
        *("file", "filename", "fname", "path", "name", "filepath_or_buffer", "path_or_buf", "io"),
        *("excel_writer", "source", "buf", "filepath", "fullname", "where", "f", "root"),
    }
)


class Arguments(NamedTuple):
    """What a call is given, as far as a condition asks.

    positional: how many, without starred ones. keywords: names. starred: `*args` or `**kwargs`
    is there, so that nothing is sure. first: the first argument when it is a literal, else `...`.
    first_type: type of the first argument, or "".
    """

    positional: int
    keywords: frozenset[str]
    starred: bool
    first: object = ...
    first_type: str = ""


class When(StrEnum):
    """The condition under which a call counts; every value has its test in `applies`."""

    ALWAYS = "always"
    NO_ARGUMENT = "no argument"  # localtime()
    ONE_ARGUMENT = "one argument"  # strftime(format)
    UNSEEDED = "unseeded"  # Random(), Random(None)
    FEWER_THAN_THREE = "fewer than three"  # uuid8
    ON_PATH = "on a path"  # ZipFile(path), not ZipFile(buffer); to_csv(path), not to_csv()
    REFERENCE_ONLY = "reference only"


class Entry(NamedTuple):
    """category: of the rule (`wall_clock`). when: the condition of a call.

    advice: what to use instead, or "". attribute: reading it counts (`os.environ`), not only
    calling it.
    """

    category: str
    when: When = When.ALWAYS
    advice: str = ""
    attribute: bool = False

    def applies(self, given: Arguments) -> bool:
        """Whether a call that is given this counts; when nothing is sure, it does not."""
        count = given.positional + len(given.keywords)
        match self.when:
            case When.ALWAYS:
                return True
            case When.REFERENCE_ONLY:
                return False
            case When.NO_ARGUMENT:
                holds = count == 0
            case When.ONE_ARGUMENT:
                holds = count == 1
            case When.UNSEEDED:
                holds = count == 0 or given.first is None
            case When.FEWER_THAN_THREE:
                holds = count < 3
            case When.ON_PATH:
                holds = _is_on_path(given)
            case _:
                assert_never(self.when)
        return holds and not given.starred


def _is_on_path(given: Arguments) -> bool:
    """Whether a call that takes a path or something open is given a path, as far as is known."""
    if given.keywords & _OPEN_FILE or given.first_type.partition("[")[0] in _IN_MEMORY:
        return False
    return given.positional > 0 or not given.keywords.isdisjoint(_PATH)
