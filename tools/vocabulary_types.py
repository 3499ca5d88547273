"""Write `vocabulary/stdlib/types.py` of durable_lint: which types the standard library gives.

Invariant: the same stubs give the same file. They are typeshed's, as mypy ships them; what is
written are facts of signatures (who gives what), in the language of `Vocabulary.result`. All
branches of the stubs count, the one of the newest Python first.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import mypy
from mypy.version import __version__

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "src" / "durable_lint" / "vocabulary" / "stdlib" / "types.py"
WIDTH = 100
STUBS = Path(mypy.__file__).resolve().parent / "typeshed" / "stdlib"

# Where a stub defines what users import from elsewhere; a tuple is of modules that make up one.
MODULES = {
    "builtins": ("builtins",),
    "types": ("types",),
    "typing": ("typing", "_collections_abc", "typing_extensions"),
    "collections": ("collections",),
    "pathlib": ("pathlib", "pathlib/types"),
    "os": ("os",),
    "os.path": ("posixpath", "genericpath"),
    "io": ("_io", "io"),
    "codecs": ("codecs",),
    "asyncio": (
        *("asyncio/events", "asyncio/base_events", "asyncio/futures", "asyncio/tasks"),
        *("asyncio/locks", "asyncio/mixins", "asyncio/queues", "asyncio/runners"),
        *("asyncio/streams", "asyncio/taskgroups", "asyncio/threads"),
        *("asyncio/timeouts", "asyncio/transports", "asyncio/protocols", "asyncio/unix_events"),
        *("_asyncio", "asyncio/base_futures", "asyncio/coroutines", "asyncio/exceptions"),
    ),
    "asyncio.subprocess": ("asyncio/subprocess",),
    "contextlib": ("contextlib",),
    "contextvars": ("_contextvars", "contextvars"),
    "functools": ("functools",),
    "itertools": ("itertools",),
    "operator": ("_operator", "operator"),
    "datetime": ("datetime",),
    "time": ("time",),
    "zoneinfo": ("zoneinfo",),
    "calendar": ("calendar",),
    "re": ("re",),
    "string": ("string",),
    "textwrap": ("textwrap",),
    "difflib": ("difflib",),
    "json": ("json", "json/decoder", "json/encoder"),
    "csv": ("_csv", "csv"),
    "random": ("_random", "random"),
    "secrets": ("secrets",),
    "uuid": ("uuid",),
    "hashlib": ("_hashlib", "hashlib"),
    "hmac": ("hmac",),
    "base64": ("base64",),
    "binascii": ("binascii",),
    "struct": ("_struct", "struct"),
    "pickle": ("_pickle", "pickle"),
    "copy": ("copy",),
    "dataclasses": ("dataclasses",),
    "enum": ("enum",),
    "decimal": ("_decimal", "decimal"),
    "fractions": ("fractions",),
    "numbers": ("numbers",),
    "math": ("math",),
    "statistics": ("statistics",),
    "heapq": ("_heapq", "heapq"),
    "bisect": ("_bisect", "bisect"),
    "array": ("array",),
    "graphlib": ("graphlib",),
    "weakref": ("_weakref", "_weakrefset", "weakref"),
    "abc": ("abc",),
    "inspect": ("inspect",),
    "traceback": ("traceback",),
    "pprint": ("pprint",),
    "logging": ("logging",),
    "logging.handlers": ("logging/handlers",),
    "argparse": ("argparse",),
    "configparser": ("configparser",),
    "shlex": ("shlex",),
    "subprocess": ("subprocess",),
    "tempfile": ("tempfile",),
    "shutil": ("shutil",),
    "glob": ("glob",),
    "fnmatch": ("fnmatch",),
    "fileinput": ("fileinput",),
    "gzip": ("gzip",),
    "bz2": ("_bz2", "bz2"),
    "lzma": ("_lzma", "lzma"),
    "zlib": ("zlib",),
    "zipfile": ("zipfile", "zipfile/_path"),
    "tarfile": ("tarfile",),
    "shelve": ("shelve",),
    "dbm": ("dbm",),
    "mmap": ("mmap",),
    "sqlite3": ("_sqlite3", "sqlite3/dbapi2", "sqlite3"),
    "socket": ("_socket", "socket"),
    "ssl": ("_ssl", "ssl"),
    "select": ("select",),
    "selectors": ("selectors",),
    "socketserver": ("socketserver",),
    "http": ("http",),
    "http.client": ("http/client",),
    "http.cookies": ("http/cookies",),
    "http.cookiejar": ("http/cookiejar",),
    "http.server": ("http/server",),
    "urllib.parse": ("urllib/parse",),
    "urllib.request": ("urllib/request",),
    "urllib.response": ("urllib/response",),
    "urllib.robotparser": ("urllib/robotparser",),
    "smtplib": ("smtplib",),
    "ftplib": ("ftplib",),
    "imaplib": ("imaplib",),
    "poplib": ("poplib",),
    "xmlrpc.client": ("xmlrpc/client",),
    "email": ("email",),
    "email.message": ("email/message",),
    "email.mime.multipart": ("email/mime/multipart",),
    "email.mime.text": ("email/mime/text",),
    "email.utils": ("email/utils",),
    "ipaddress": ("ipaddress",),
    "threading": ("_thread", "threading"),
    "queue": ("_queue", "queue"),
    "concurrent.futures": (
        *("concurrent/futures/_base", "concurrent/futures/thread"),
        *("concurrent/futures/process", "concurrent/futures"),
    ),
    "multiprocessing": ("multiprocessing",),
    "multiprocessing.pool": ("multiprocessing/pool",),
    "multiprocessing.context": ("multiprocessing/context",),
    "multiprocessing.process": ("multiprocessing/process",),
    "multiprocessing.queues": ("multiprocessing/queues",),
    "multiprocessing.synchronize": ("multiprocessing/synchronize",),
    "multiprocessing.connection": ("multiprocessing/connection",),
    "signal": ("signal",),
    "sched": ("sched",),
    "sys": ("sys",),
    "gc": ("gc",),
    "platform": ("platform",),
    "locale": ("locale",),
    "getpass": ("getpass",),
    "importlib": ("importlib",),
    "importlib.metadata": ("importlib/metadata",),
    "importlib.resources": ("importlib/resources",),
    "importlib.resources.abc": ("importlib/resources/abc",),
    "tomllib": ("tomllib",),
    "plistlib": ("plistlib",),
    "unicodedata": ("unicodedata",),
    "html": ("html",),
    "xml.etree.ElementTree": ("xml/etree/ElementTree",),
}
SPECIAL = frozenset(
    {
        *("__enter__", "__aenter__", "__iter__", "__next__", "__aiter__", "__anext__", "__await__"),
        *("__getitem__", "__call__", "__reversed__", "__truediv__", "__rtruediv__", "__floordiv__"),
        *("__mod__", "__add__", "__radd__", "__sub__", "__rsub__", "__mul__", "__rmul__"),
        *("__or__", "__ror__", "__and__", "__rand__", "__xor__", "__rxor__", "__neg__", "__abs__"),
        *("__pow__", "__divmod__", "__invert__", "__pos__"),
    }
)
COROUTINES = frozenset({"typing.Coroutine", "typing.Awaitable", "types.CoroutineType"})
CONTEXTS = frozenset(
    {
        *("contextlib.AbstractContextManager", "contextlib.AbstractAsyncContextManager"),
        *("contextlib._GeneratorContextManager", "contextlib._AsyncGeneratorContextManager"),
    }
)
SAME = {
    "collections.abc.Set": "typing.AbstractSet",
    "_collections_abc.Set": "typing.AbstractSet",
    "typing.LiteralString": "builtins.str",
    "typing.List": "builtins.list",
    "typing.Dict": "builtins.dict",
    "typing.Set": "builtins.set",
    "typing.FrozenSet": "builtins.frozenset",
    "typing.Tuple": "builtins.tuple",
    "typing.Type": "builtins.type",
    "typing.DefaultDict": "collections.defaultdict",
    "typing.OrderedDict": "collections.OrderedDict",
    "typing.Counter": "collections.Counter",
    "typing.ChainMap": "collections.ChainMap",
    "typing.Deque": "collections.deque",
    "typing.ContextManager": "contextlib.AbstractContextManager",
    "typing.AsyncContextManager": "contextlib.AbstractAsyncContextManager",
    "typing.Text": "builtins.str",
    "typing.Pattern": "re.Pattern",
    "typing.Match": "re.Match",
    "builtins.EnvironmentError": "builtins.OSError",
    "io.open": "builtins.open",
}
NOTHING = frozenset({"typing.Any", "typing.NoReturn", "typing.Never", "builtins.object"})
TRUTHS = frozenset({"typing.TypeGuard", "typing.TypeIs"})
WRAPPERS = frozenset({"typing.Final", "typing.ClassVar", "typing.Annotated", "typing.Required"})
# The stubs leave the type of these open, and users take one for granted.
CHOSEN = {
    ("builtins", "open"): "io.TextIOWrapper",
    ("builtins", "sorted"): "builtins.list",
    ("builtins", "sum"): "",
    ("builtins", "max"): "",
    ("builtins", "min"): "",
    ("re", "compile"): "re.Pattern[builtins.str]",
    ("re", "match"): "re.Match[builtins.str]",
    ("re", "fullmatch"): "re.Match[builtins.str]",
    ("re", "search"): "re.Match[builtins.str]",
    ("re", "finditer"): "typing.Iterator[re.Match[builtins.str]]",
    ("re", "split"): "builtins.list[builtins.str]",
    ("asyncio", "gather"): "asyncio.Future[builtins.list]",
    ("asyncio", "wait"): (
        "coroutine:builtins.tuple[builtins.set[asyncio.Task], builtins.set[asyncio.Task]]"
    ),
    ("asyncio", "wait_for"): "coroutine:?",
    ("asyncio", "shield"): "asyncio.Future",
    ("asyncio", "ensure_future"): "asyncio.Task",
    ("asyncio", "as_completed"): "typing.Iterator",
    ("asyncio", "create_task"): "asyncio.Task",
    ("asyncio", "all_tasks"): "builtins.set[asyncio.Task]",
    ("concurrent.futures", "wait"): (
        "builtins.tuple[builtins.set[concurrent.futures.Future], "
        "builtins.set[concurrent.futures.Future]]"
    ),
    ("subprocess", "run"): "subprocess.CompletedProcess",
    ("subprocess", "check_output"): "builtins.bytes",
    ("subprocess.Popen", "communicate"): "builtins.tuple",
    ("tempfile", "NamedTemporaryFile"): "tempfile._TemporaryFileWrapper",
    ("tempfile", "TemporaryFile"): "io.BufferedRandom",
    ("tempfile.TemporaryDirectory", "__enter__"): "builtins.str",
    ("tempfile", "mkdtemp"): "builtins.str",
    ("tempfile", "mkstemp"): "builtins.tuple[builtins.int, builtins.str]",
    ("tempfile", "gettempdir"): "builtins.str",
    ("pathlib.Path", "open"): "io.TextIOWrapper",
    ("gzip", "open"): "gzip.GzipFile",
    ("bz2", "open"): "bz2.BZ2File",
    ("lzma", "open"): "lzma.LZMAFile",
    ("urllib.request", "urlopen"): "http.client.HTTPResponse",
    ("urllib.request.OpenerDirector", "open"): "http.client.HTTPResponse",
    ("json", "loads"): "",
    ("json", "load"): "",
    ("os", "scandir"): "os._ScandirIterator",
    ("os", "listdir"): "builtins.list[builtins.str]",
    ("os", "walk"): (
        "typing.Iterator[builtins.tuple[builtins.str, builtins.list[builtins.str], "
        "builtins.list[builtins.str]]]"
    ),
    ("os", "fdopen"): "io.TextIOWrapper",
    ("os", "popen"): "os._wrap_close",
    ("asyncio", "open_connection"): (
        "coroutine:builtins.tuple[asyncio.StreamReader, asyncio.StreamWriter]"
    ),
    ("asyncio", "get_event_loop"): "asyncio.AbstractEventLoop",
    ("asyncio", "Queue"): "",
    ("builtins.str", "join"): "builtins.str",
    ("builtins.dict", "get"): "~1",
    ("builtins.dict", "pop"): "~1",
    ("builtins.dict", "setdefault"): "~1",
    ("typing.Mapping", "get"): "~1",
    ("builtins.list", "__getitem__"): "~0",
    ("typing.Sequence", "__getitem__"): "~0",
    ("typing.MutableSequence", "__getitem__"): "~0",
    ("builtins.tuple", "__getitem__"): "",
    ("collections.defaultdict", "__getitem__"): "~1",
    ("builtins.set", "__or__"): "builtins.set[~0]",
    ("builtins.set", "__xor__"): "builtins.set[~0]",
    ("builtins.set", "union"): "builtins.set[~0]",
    ("builtins.set", "symmetric_difference"): "builtins.set[~0]",
    ("builtins.frozenset", "union"): "builtins.frozenset[~0]",
    ("builtins.frozenset", "__or__"): "builtins.frozenset[~0]",
    ("builtins.frozenset", "__xor__"): "builtins.frozenset[~0]",
    ("builtins.frozenset", "symmetric_difference"): "builtins.frozenset[~0]",
    ("typing.AbstractSet", "__or__"): "typing.AbstractSet[~0]",
    ("typing.AbstractSet", "__xor__"): "typing.AbstractSet[~0]",
    ("typing.KeysView", "__or__"): "builtins.set[~0]",
    ("typing.KeysView", "__xor__"): "builtins.set[~0]",
    ("builtins.list", "__add__"): "builtins.list[~0]",
    ("builtins.dict", "__or__"): "builtins.dict[~0, ~1]",
    ("builtins.dict", "keys"): "typing.KeysView[~0]",
    ("builtins.dict", "values"): "typing.ValuesView[~1]",
    ("builtins.dict", "items"): "typing.ItemsView[~0, ~1]",
    ("builtins.dict", "fromkeys"): "builtins.dict[?, ?]",
    ("datetime.datetime", "__sub__"): "",
    ("datetime.date", "__sub__"): "",
    ("datetime.timedelta", "__truediv__"): "",
    ("re.Match", "group"): "~0",
    ("re.Match", "__getitem__"): "~0",
    ("sqlite3", "connect"): "sqlite3.Connection",
    ("sqlite3.Connection", "cursor"): "sqlite3.Cursor",
    ("socket.socket", "accept"): "builtins.tuple[socket.socket, ?]",
    ("socket.socket", "makefile"): "io.TextIOWrapper",
    ("os", "environ"): "=os._Environ[builtins.str]",
    ("sys", "stdout"): "=io.TextIOWrapper",
    ("sys", "stderr"): "=io.TextIOWrapper",
    ("sys", "stdin"): "=io.TextIOWrapper",
}


class Scope(NamedTuple):
    """What names mean in one stub, and which type variables the class around has."""

    public: str
    names: dict[str, str]
    aliases: dict[str, ast.expr]
    variables: frozenset[str]
    parameters: tuple[str, ...] = ()
    cls: str = ""


class Types:
    """All that is found; by owner."""

    def __init__(self) -> None:
        self.results: dict[str, dict[str, str]] = {}
        self.bases: dict[str, tuple[str, ...]] = {}
        self.moved = {
            source.replace("/", "."): public
            for public, sources in MODULES.items()
            for source in sources
        }
        self.moved |= {"collections.abc": "typing", "asyncio.subprocess": "asyncio.subprocess"}

    def read(self, public: str, source: str) -> None:
        path = STUBS / f"{source}.pyi"
        if not path.exists():
            path = STUBS / source / "__init__.pyi"
        tree = ast.parse(path.read_text(encoding="utf-8"))
        dotted = source.replace("/", ".")
        scope = self.scope(public, dotted, path.name == "__init__.pyi", tree)
        self.body(public, tree.body, scope)

    def scope(self, public: str, dotted: str, package: bool, tree: ast.Module) -> Scope:
        names: dict[str, str] = {}
        aliases: dict[str, ast.expr] = {}
        variables: set[str] = set()
        for node, _ in flat(tree.body):
            match node:
                case ast.ImportFrom() | ast.Import():
                    names |= imported(node, dotted, package)
                case ast.ClassDef():
                    names.setdefault(node.name, f"{dotted}.{node.name}")
                case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=ast.Name(id=f))):
                    if f in {"TypeVar", "ParamSpec", "TypeVarTuple"}:
                        variables.add(name)
                case ast.Assign(targets=[ast.Name(id=name)], value=ast.Name() as value):
                    aliases[name] = value
                case ast.AnnAssign(target=ast.Name(id=name), annotation=a, value=ast.expr() as v):
                    if ast.unparse(a).endswith("TypeAlias"):
                        aliases[name] = v
                case _:
                    pass
        return Scope(public, names, aliases, frozenset(variables))

    def body(self, owner: str, body: list[ast.stmt], scope: Scope) -> None:
        found: dict[str, list[str | None]] = {}
        for node, old in flat(body):
            if old and getattr(node, "name", None) in found:
                continue
            match node:
                case ast.ClassDef():
                    self.cls(owner, node, scope)
                case ast.FunctionDef() | ast.AsyncFunctionDef():
                    if wanted(node.name):
                        found.setdefault(node.name, []).append(self.function(node, scope))
                case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation):
                    type_ = self.type(annotation, scope)
                    constant = name.isupper() or type_ in WRAPPERS
                    if type_ and wanted(name) and not constant:
                        found.setdefault(name, []).append("=" + type_)
                case _:
                    pass
        known = self.results.setdefault(owner, {})
        for name, types in found.items():
            if (owner, name) not in CHOSEN and (type_ := joined(types)):
                known.setdefault(name, type_)
        for (chosen, name), type_ in CHOSEN.items():
            if chosen == owner and type_:
                known[name] = type_

    def cls(self, owner: str, node: ast.ClassDef, outer: Scope) -> None:
        full = self.public(f"{owner}.{node.name}")
        if node.name.startswith(("_Supports", "_ABC")):
            return
        scope = outer._replace(parameters=self.parameters(node, outer), cls=full)
        bases = []
        for base in node.bases:
            type_ = self.type(base, scope)
            bare = (type_ or "").partition("[")[0]
            if type_ and bare not in {full, "typing.Generic", "typing.Protocol", "builtins.object"}:
                bases.append(type_)
        if not self.bases.get(full):
            self.bases[full] = tuple(bases)
        self.body(full, node.body, scope)

    def parameters(self, node: ast.ClassDef, scope: Scope) -> tuple[str, ...]:
        for base in node.bases:
            if isinstance(base, ast.Subscript) and ast.unparse(base.value).endswith(
                ("Generic", "Protocol")
            ):
                return tuple(ast.unparse(one) for one in elements(base.slice))
        seen: dict[str, None] = {}
        for base in node.bases:
            for part in ast.walk(base):
                if isinstance(part, ast.Name) and self.is_variable(part.id, scope):
                    seen[part.id] = None
        return tuple(seen)

    def is_variable(self, name: str, scope: Scope) -> bool:
        return name in scope.variables or name in {"_T", "_KT", "_VT", "_T_co", "AnyStr", "_KT_co"}

    def function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope) -> str | None:
        decorators = {ast.unparse(one) for one in node.decorator_list}
        if node.name == "__await__" and isinstance(node.returns, ast.Subscript):
            return self.type(elements(node.returns.slice)[-1], scope)
        type_ = self.type(node.returns, scope) if node.returns else None
        if isinstance(node, ast.AsyncFunctionDef):
            type_ = f"coroutine:{type_ or '?'}"
        if any(one.endswith(("property", ".setter", ".deleter", ".getter")) for one in decorators):
            return f"={type_}" if type_ else None
        return type_

    def public(self, full: str) -> str:
        """The public spelling of a name as stubs have it."""
        if full in SAME:
            return SAME[full]
        parts = full.split(".")
        for end in range(len(parts) - 1, 0, -1):
            public = self.moved.get(".".join(parts[:end]))
            if public is not None:
                full = ".".join([public, *parts[end:]])
                break
        return SAME.get(full, full)

    def type(self, node: ast.expr | None, scope: Scope) -> str | None:
        match node:
            case ast.Constant(value=str() as text):
                return self.type(ast.parse(text, mode="eval").body, scope)
            case ast.Name(id=name):
                return self.named(name, scope)
            case ast.Attribute():
                text = ast.unparse(node)
                head, _, rest = text.partition(".")
                return self.plain(self.public(f"{scope.names.get(head, head)}.{rest}"))
            case ast.BinOp(op=ast.BitOr(), left=left, right=right):
                return self.union([left, right], scope)
            case ast.Subscript(value=value, slice=inside):
                return self.generic(value, elements(inside), scope)
            case _:
                return None

    def named(self, name: str, scope: Scope) -> str | None:
        if name == "Self":
            return "~"
        if name in scope.parameters:
            return f"~{scope.parameters.index(name)}"
        if name == "AnyStr":
            return "builtins.str"
        if name in scope.variables:
            return None
        if name in scope.aliases and name not in scope.names:
            others = {other: v for other, v in scope.aliases.items() if other != name}
            return self.type(scope.aliases[name], scope._replace(aliases=others))
        if name in scope.names:
            full = scope.names[name]
            if full.startswith(("_typeshed.", "typing_extensions.Self")):
                return "~" if full.endswith(".Self") else shed(full)
            return self.plain(self.public(full))
        return self.plain(f"builtins.{name}") if name in BUILTINS else None

    def plain(self, full: str) -> str | None:
        return None if full in NOTHING else full

    def generic(self, value: ast.expr, inside: list[ast.expr], scope: Scope) -> str | None:
        bare = self.type(value, scope)
        if bare is None:
            return None
        if bare == "typing.Optional":
            return self.type(inside[0], scope)
        if bare == "typing.Union":
            return self.union(inside, scope)
        if bare == "typing.Literal":
            kinds = {type(one.value).__name__ for one in inside if isinstance(one, ast.Constant)}
            return f"builtins.{kinds.pop()}" if len(kinds) == 1 else None
        if bare in TRUTHS:
            return "builtins.bool"
        if bare in WRAPPERS and inside:
            return self.type(inside[0], scope)
        if bare in {"typing.Callable", "typing.Generic", "typing.Protocol"}:
            return bare
        if bare in COROUTINES:
            return f"coroutine:{self.type(inside[-1], scope) or '?'}"
        if bare in CONTEXTS and scope.cls not in CONTEXTS:
            return f"context:{self.type(inside[0], scope) or '?'}"
        arguments = [
            "..." if isinstance(one, ast.Constant) else self.type(one, scope) for one in inside
        ]
        if all(one is None for one in arguments):
            return bare
        return f"{bare}[{', '.join(one or '?' for one in arguments)}]"

    def union(self, parts: list[ast.expr], scope: Scope) -> str | None:
        kinds: dict[str, None] = {}
        for part in parts:
            if isinstance(part, ast.Constant) and part.value is None:
                continue
            type_ = self.type(part, scope)
            if type_ is None and ast.unparse(part) not in {"Any", "MaybeNone"}:
                return None
            if type_ is not None:
                kinds[type_] = None
        return next(iter(kinds)) if len(kinds) == 1 else None


BUILTINS = frozenset(
    node.name
    for node in ast.walk(ast.parse((STUBS / "builtins.pyi").read_text(encoding="utf-8")))
    if isinstance(node, ast.ClassDef)
) - {"object"}


def imported(node: ast.ImportFrom | ast.Import, dotted: str, package: bool) -> dict[str, str]:
    """The names that an import binds in the stub of a module."""
    if isinstance(node, ast.Import):
        tops = {one.name.partition(".")[0]: one for one in node.names}
        return {one.asname or top: one.name if one.asname else top for top, one in tops.items()}
    origin = node.module or ""
    if node.level:
        parts = dotted.split(".")
        keep = len(parts) - node.level + (1 if package else 0)
        origin = ".".join([*parts[:keep], *([origin] if origin else [])])
    return {one.asname or one.name: f"{origin}.{one.name}" for one in node.names}


def shed(full: str) -> str | None:
    """What the names of typeshed's own module stand for."""
    return {"_typeshed.StrPath": None, "_typeshed.ReadableBuffer": None}.get(full)


def wanted(name: str) -> bool:
    return not name.startswith("_") or name in SPECIAL


def elements(inside: ast.expr) -> list[ast.expr]:
    return inside.elts if isinstance(inside, ast.Tuple) else [inside]


def flat(body: list[ast.stmt], old: bool = False) -> Iterator[tuple[ast.stmt, bool]]:
    """Statements of all branches, those for the newest Python on Linux first; True for others."""
    for node in body:
        match node:
            case ast.If(test=test, body=yes, orelse=no):
                first, second = (yes, no) if holds(test) else (no, yes)
                yield from flat(first, old)
                yield from flat(second, True)
            case ast.Try(body=inner):
                yield from flat(inner, old)
            case _:
                yield node, old


def holds(test: ast.expr) -> bool:
    text = ast.unparse(test)
    if "sys.platform" in text:
        return "!= 'win32'" in text or "== 'linux'" in text or "!= 'darwin'" in text
    return ">=" in text


def joined(types: list[str | None]) -> str | None:
    """The type that all overloads give; those that give nothing known are passed over."""
    known = dict.fromkeys(one for one in types if one)
    if not known:
        return None
    if len(known) == 1:
        return next(iter(known))
    bare = {one.partition("[")[0] for one in known}
    return bare.pop() if len(bare) == 1 else None


def text(types: Types) -> str:
    lines = [
        '"""Which types the calls and attributes of the standard library give.',
        "",
        "Written by `tools/vocabulary_types.py`; do not edit. Facts of signatures, from the stubs",
        f"of mypy {__version__}; nothing else of them is here.",
        '"""',
        "",
        "from typing import Final",
        "",
        '__all__ = ["BASES", "RESULTS"]',
        "",
        "BASES: Final = {",
    ]
    lines += [line(4, name, bases) for name, bases in sorted(types.bases.items())]
    lines += ["}", "", "RESULTS: Final = {"]
    for owner, results in sorted(types.results.items()):
        if results:
            lines.append(f'    "{owner}": {{')
            lines += [line(8, name, (type_,)) for name, type_ in sorted(results.items())]
            lines.append("    },")
    lines.append("}")
    return "\n".join(lines) + "\n"


def line(indent: int, name: str, types: tuple[str, ...]) -> str:
    """One entry; types that are too long for a line lose their arguments."""
    entry = f'{" " * indent}"{name}": "{"; ".join(types)}",'
    if len(entry) <= WIDTH:
        return entry
    bare = tuple(one.partition("[")[0] for one in types)
    return line(indent, name, bare if bare != types else bare[:-1])


def generated() -> tuple[Types, str]:
    types = Types()
    for public, sources in MODULES.items():
        for source in sources:
            types.read(public, source)
    return types, text(types)


def main() -> int:
    types, written = generated()
    TARGET.write_text(written, encoding="utf-8")
    count = sum(len(one) for one in types.results.values())
    print(f"{len(types.bases)} classes, {count} results")
    return 0


if __name__ == "__main__":
    sys.exit(main())
