"""What was typed, as plain data. Invariant: what contradicts itself is refused here, and ends 2.

`durable-lint src` means `durable-lint check src`.
"""

import argparse
import sys
from collections.abc import Sequence
from typing import Any, Final, NamedTuple, NoReturn

from durable_lint import __version__

__all__ = ["Catalogue", "Check", "Command", "Explain", "Scan", "Serve", "parse"]

FORMATS: Final = ("text", "json", "sarif", "github")


class Check(NamedTuple):
    """Say what would break replay. Each field is the option of its name."""

    paths: list[str]
    format: str
    output_file: str | None
    select: list[str]
    extend_select: list[str]
    ignore: list[str]
    fix: bool
    diff: bool
    statistics: bool
    baseline: str | None
    no_baseline: bool
    write_baseline: bool
    stdin_filename: str | None
    watch: bool
    show_unresolved: bool
    show_config: bool
    exit_zero: bool
    quiet: bool
    types: bool | None
    config: str | None
    no_cache: bool
    cache_dir: str | None
    color: str


class Scan(NamedTuple):
    """Say which coroutines would make good orchestrators. top: at most so many."""

    paths: list[str]
    format: str
    top: int
    config: str | None
    color: str


class Catalogue(NamedTuple):
    """List the rules."""

    format: str


class Explain(NamedTuple):
    """Explain codes, or all codes that begin so."""

    codes: list[str]


class Serve(NamedTuple):
    """Be the language server of an editor, over standard input and output."""


Command = Check | Scan | Catalogue | Explain | Serve
_COMMANDS: Final[dict[str, type[Any]]] = {
    "check": Check,
    "scan": Scan,
    "rules": Catalogue,
    "explain": Explain,
    "lsp": Serve,
    "server": Serve,
}
_TOP_LEVEL: Final = {"-h", "--help", "--version"}


class _Help(argparse.HelpFormatter):
    """Of one width: to ask for the terminal's, argparse imports what no check needs."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=90, max_help_position=30)


class _Parser(argparse.ArgumentParser):
    """Says at the end of an error where to read on."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(formatter_class=_Help, allow_abbrev=False, **settings)

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"durable-lint: {message}\nTry: {self.prog} --help\n")


def parse(given: Sequence[str]) -> Command:
    """Understand a command line. Raises: SystemExit after --help, --version or a mistake."""
    parser = _parser()
    if not given:
        parser.print_help(sys.stderr)
        raise SystemExit(2)
    words = list(given)
    if words[0] == "--explain":
        words[0] = "explain"
    elif words[0].startswith("--explain="):
        words[:1] = ["explain", words[0].removeprefix("--explain=")]
    elif words[0] not in _COMMANDS and words[0] not in _TOP_LEVEL:
        words.insert(0, "check")
    options = parser.parse_args(words)
    kind = _COMMANDS[options.command]
    command: Command = kind(**{name: getattr(options, name) for name in kind._fields})
    if isinstance(command, Check):
        _refuse_contradictions(command, parser)
    return command


def _refuse_contradictions(asked: Check, parser: argparse.ArgumentParser) -> None:
    changes = asked.fix or asked.diff
    stdin = asked.stdin_filename is not None or "-" in asked.paths
    refused = [
        (stdin and asked.stdin_filename is None, "`-` needs --stdin-filename FILE, for its name"),
        (
            stdin and any(path != "-" for path in asked.paths),
            "with --stdin-filename, standard input is checked, and no paths at once",
        ),
        (asked.write_baseline and stdin, "--write-baseline does not go with standard input"),
        (asked.write_baseline and changes, "--write-baseline with --fix or --diff: fix first"),
        (asked.no_baseline and asked.baseline is not None, "--baseline or --no-baseline, not both"),
        (
            asked.no_baseline and asked.write_baseline,
            "--write-baseline or --no-baseline, not both",
        ),
        (asked.watch and stdin, "--watch looks at files, not at standard input"),
        (asked.watch and asked.write_baseline, "--watch does not go with --write-baseline"),
        (asked.watch and asked.output_file is not None, "--watch does not go with --output-file"),
        (
            changes and stdin and asked.format != "text",
            "standard input comes back as text only: leave --format",
        ),
        (asked.diff and asked.format != "text", "--diff is text only: leave --format"),
        (
            asked.statistics and asked.format not in ("text", "json"),
            f"--statistics are text or json, not {asked.format}",
        ),
        (asked.no_cache and asked.cache_dir is not None, "--no-cache or --cache-dir, not both"),
    ]
    for wrong, message in refused:
        if wrong:
            parser.error(message)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="durable-lint",
        description="Finds what would make an orchestrator replay differently, before it runs.",
        epilog="Exit codes: 0 nothing found, 1 findings (also files that cannot be read), 2 a "
        "request that cannot be carried out.",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    _check(_command(commands, "check", "say what would break replay (the default command)"))
    _scan(_command(commands, "scan", "say which coroutines would make good orchestrators"))
    rules = _command(commands, "rules", "list the rules")
    rules.add_argument("--format", choices=("text", "json"), default="text")
    explain = _command(commands, "explain", "explain codes (also: durable-lint --explain CODE)")
    explain.add_argument(
        "codes", nargs="+", metavar="CODE", help="DUR101, DUR1 for all that begin so, or ALL"
    )
    for name, summary in (("lsp", "be an editor's language server"), ("server", "the same")):
        # Editors' clients add it of their own accord; there is no other way to talk to this one.
        _command(commands, name, summary).add_argument("--stdio", action="store_true")
    return parser


def _command(commands: Any, name: str, summary: str) -> argparse.ArgumentParser:
    made: argparse.ArgumentParser = commands.add_parser(
        name,
        help=summary,
        description=summary[0].upper() + summary[1:] + ".",
    )
    return made


def _paths(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "paths", nargs="*", metavar="PATH", help="files and directories; default: here"
    )


def _surroundings(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", metavar="FILE", help="a pyproject.toml to read instead")
    parser.add_argument("--color", choices=("auto", "always", "never"), default="auto")


def _codes(parser: argparse._ArgumentGroup, option: str, summary: str) -> None:
    parser.add_argument(
        option,
        metavar="CODES",
        action="extend",
        type=_listed,
        default=[],
        help=summary,
    )


def _listed(text: str) -> list[str]:
    codes = [code.strip() for code in text.split(",") if code.strip()]
    if not codes:
        raise argparse.ArgumentTypeError("needs at least one code, such as DUR101")
    return codes


def _check(parser: argparse.ArgumentParser) -> None:
    _paths(parser)
    which = parser.add_argument_group("which findings")
    _codes(which, "--select", "only these codes or beginnings of codes: DUR101,DUR13; or ALL")
    _codes(which, "--extend-select", "these too")
    _codes(which, "--ignore", "none of these")
    which.add_argument("--baseline", metavar="FILE", help="show only what this file does not hold")
    which.add_argument("--no-baseline", action="store_true", help="show what it holds, too")
    which.add_argument(
        "--write-baseline", action="store_true", help="hold everything found now as known"
    )
    mending = parser.add_argument_group("mending")
    mending.add_argument("--fix", action="store_true", help="mend what can be mended")
    mending.add_argument("--diff", action="store_true", help="show what --fix would do; do nothing")
    _shown(parser.add_argument_group("what is shown"))
    source = parser.add_argument_group("where the code is")
    source.add_argument(
        "--stdin-filename", metavar="FILE", help="standard input stands for this file"
    )
    source.add_argument("--watch", action="store_true", help="check again whenever a file changes")
    types = source.add_mutually_exclusive_group()
    types.add_argument(
        "--types", action="store_true", default=None, help="ask mypy what the syntax does not tell"
    )
    types.add_argument(
        "--no-types", dest="types", action="store_false", help="do not, whatever the settings say"
    )
    source.add_argument("--no-cache", action="store_true", help="read and write no cache")
    source.add_argument("--cache-dir", metavar="DIRECTORY", help="where the cache is kept")
    _surroundings(parser)


def _shown(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--format", choices=FORMATS, default="text")
    group.add_argument("--output-file", metavar="FILE", help="write the findings there")
    group.add_argument("--statistics", action="store_true", help="counts instead of findings")
    group.add_argument(
        "--show-unresolved", action="store_true", help="list calls that lead nobody knows where"
    )
    group.add_argument("--show-config", action="store_true", help="print the settings, and end")
    group.add_argument("--exit-zero", action="store_true", help="end with 0 despite findings")
    group.add_argument("-q", "--quiet", action="store_true", help="findings only, no summary")


def _scan(parser: argparse.ArgumentParser) -> None:
    _paths(parser)
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument("--top", type=_count, default=10, metavar="N", help="at most so many (10)")
    _surroundings(parser)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number from 1, not {text!r}")
    return int(text)
