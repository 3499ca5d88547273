"""A source is the bytes of one file and what is made of them; equal bytes give an equal tree.

Nothing is decoded or parsed before it is asked for, and nothing twice: most files of a project are
never looked at. Whatever is wrong with a file - bytes, encoding, syntax, depth - is a `SourceError`
that says where, and no other exception leaves this module.
"""

import ast
import re
import warnings

from durable_lint.model import SourceError, Span

__all__ = ["Located", "Source", "SourceError"]

# Nodes that have a place; ast has no class for them.
Located = ast.expr | ast.stmt | ast.excepthandler | ast.arg | ast.alias | ast.keyword | ast.pattern

_OPEN = re.compile("never closed|unterminated|unexpected EOF|expected an indented block")
_BOM = b"\xef\xbb\xbf"


class Source:
    """One file. path: absolute, with forward slashes. data: its bytes.

    Properties raise SourceError for what cannot be decoded or parsed, the same one each time.
    """

    __slots__ = ("_ascii", "_error", "_lines", "_text", "_tree", "data", "path")

    def __init__(self, path: str, data: bytes) -> None:
        self.path = path
        self.data = data
        # What is in ASCII has bytes for characters: no position needs converting.
        self._ascii = data.isascii()
        self._text: str | None = None
        self._lines: list[str] | None = None
        self._tree: ast.Module | None = None
        self._error: SourceError | None = None

    @classmethod
    def read(cls, path: str) -> "Source":
        """The file as it is now. Raises: SourceError when it cannot be read."""
        try:
            with open(path, "rb") as file:
                return cls(path, file.read())
        except OSError as error:
            raise SourceError(path, 1, 1, f"cannot be read: {error.strerror or error}") from None

    def __repr__(self) -> str:
        return f"Source({self.path!r}, {len(self.data)} bytes)"

    @property
    def error(self) -> SourceError | None:
        """Why there is no tree, once it was asked for."""
        return self._error

    @property
    def parsed(self) -> bool:
        """Whether the tree is there already."""
        return self._tree is not None

    @property
    def encoding(self) -> str:
        """Codec of the bytes, by mark or comment (PEP 263); `utf-8` for most.

        Raises: SourceError for one that Python does not know.
        """
        if self.data.startswith(_BOM):
            return "utf-8-sig"
        if b"coding" not in self._head():
            return "utf-8"
        from io import BytesIO
        from tokenize import detect_encoding

        try:
            return detect_encoding(BytesIO(self._head()).readline)[0]
        except SyntaxError as error:
            raise SourceError(self.path, 1, 1, f"cannot be decoded: {error.msg}") from None

    @property
    def text(self) -> str:
        """The characters, line ends as they are in the file, without a byte order mark."""
        if self._text is None:
            self._text = self._decoded()
        return self._text

    @property
    def lines(self) -> list[str]:
        """The lines without their ends, split where Python splits: at LF, CRLF and CR alone."""
        if self._lines is None:
            text = self.text
            if "\r" in text:
                text = text.replace("\r\n", "\n").replace("\r", "\n")
            self._lines = text.split("\n")
        return self._lines

    @property
    def tree(self) -> ast.Module:
        """The tree; syntax that is newer than the running Python is lowered to what it has."""
        if self._tree is None:
            if self._error is not None:
                raise self._error
            try:
                self._tree = self._parsed()
            except SourceError as error:
                self._error = error
                raise
        return self._tree

    def forget(self) -> None:
        """Drop text, lines and tree; they are made again when asked for."""
        self._text = self._lines = self._tree = None

    def line(self, number: int) -> str:
        """The text of a line, counted from 1; "" outside of the file or when it is undecodable."""
        try:
            lines = self.lines
        except SourceError:
            return ""
        return lines[number - 1] if 0 < number <= len(lines) else ""

    def span(
        self, node: ast.expr | ast.stmt | ast.excepthandler | ast.arg | ast.alias | ast.keyword
    ) -> Span:
        """Where a node of `tree` stands."""
        start = node.lineno
        end = node.end_lineno or start
        last = node.end_col_offset
        column = node.col_offset
        if last is None:
            last = column
        if self._ascii:
            return Span(start, column + 1, end, last + 1)
        return Span(start, self.column(start, column), end, self.column(end, last))

    def column(self, line: int, offset: int) -> int:
        """The column, from 1 in characters, of an offset in UTF-8 bytes into a line."""
        if self._ascii:
            return offset + 1
        text = self.line(line)
        if text.isascii():
            return offset + 1
        return len(text.encode("utf-8", "surrogatepass")[:offset].decode("utf-8", "replace")) + 1

    def _head(self) -> bytes:
        """What is ASCII of the first two lines, where a coding comment may stand."""
        head = self.data[:1024].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        return b"\n".join(head.split(b"\n", 2)[:2]).decode("ascii", "ignore").encode()

    def _decoded(self) -> str:
        encoding = self.encoding
        try:
            return self.data.decode(encoding)
        except UnicodeDecodeError as error:
            before = self.data[: error.start]
            line = before.count(b"\n") + 1
            column = error.start - (before.rfind(b"\n") + 1) + 1
            byte = self.data[error.start : error.start + 1].hex()
            message = f"cannot be decoded as {encoding}: byte 0x{byte} ({error.reason})"
            raise SourceError(self.path, line, column, message) from None
        except (LookupError, ValueError) as error:
            # A codec that makes no text ("hex"), or one that fails in its own way ("punycode").
            message = f"cannot be decoded as {encoding}: {error}"
            raise SourceError(self.path, 1, 1, message) from None

    def _parsed(self) -> ast.Module:
        text = self.text
        try:
            with warnings.catch_warnings():
                # An invalid escape is a warning of Python, no finding of ours; under -W error it
                # would be an error here.
                warnings.simplefilter("ignore")
                return ast.parse(text, self.path)
        except SyntaxError as error:
            first = self._syntax_error(error)
        except RecursionError:
            raise SourceError(
                self.path, 1, 1, "cannot be parsed: it is nested too deeply"
            ) from None
        except MemoryError:
            raise SourceError(
                self.path, 1, 1, "cannot be parsed: it is nested too deeply"
            ) from None
        except ValueError as error:
            raise SourceError(self.path, 1, 1, f"cannot be parsed: {error}") from None
        return self._lowered(first)

    def _syntax_error(self, error: SyntaxError) -> SourceError:
        # The parser counts characters here, and 0 or None when it does not know.
        return SourceError(
            self.path,
            max(error.lineno or 1, 1),
            max(error.offset or 1, 1),
            f"syntax error: {error.msg}",
        )

    def _lowered(self, first: SourceError) -> ast.Module:
        """The tree of what libcst can read and the running Python cannot.

        When neither can, the error is of the one that got further: it understood more of the file.
        Python's own says best what is open at the end.
        """
        try:
            from durable_lint.lowering import lower
        except ImportError:  # without the extra `lint` there is no libcst
            raise first from None
        try:
            return lower(self.path, self.text)
        except SourceError as second:
            further = (second.line, second.column) > (first.line, first.column)
            further = further and not _OPEN.search(first.message)
            raise (second if further else first) from None
