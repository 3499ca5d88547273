"""The lowered tree is the one that Python would make, to the byte."""

import ast
import sys
import warnings
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from durable_lint.lowering import lower
from durable_lint.source import Source, SourceError

Flat = list[object]


def flat(tree: ast.AST) -> Flat:
    """A tree as a list, with the place of each node; within f-strings only where those are exact.

    Python 3.11 places what is in an f-string by guess, and 3.12 has empty text in some.
    """
    found: Flat = []
    guessed = sys.version_info < (3, 12)

    def add(node: object, placed: bool) -> None:
        if isinstance(node, ast.AST):
            place = [getattr(node, name, None) for name in node._attributes] if placed else ()
            found.append((type(node).__name__, *place))
            inner = placed and not (guessed and isinstance(node, ast.JoinedStr))
            for field in node._fields:
                add(getattr(node, field, None), inner)
        elif isinstance(node, list):
            items = [each for each in node if not _is_empty_text(each)]
            found.append(len(items))
            for item in items:
                add(item, placed)
        else:
            found.append(repr(node))

    add(tree, True)
    return found


def _is_empty_text(node: object) -> bool:
    return isinstance(node, ast.Constant) and node.value == ""


def expected(text: str) -> Flat:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return flat(ast.parse(text))


def same(text: str) -> None:
    assert flat(lower("/p/a.py", text)) == expected(text)


# ---------------------------------------------------------------- against Python's own parser

LIBRARY = (
    "abc", "ast", "bdb", "calendar", "cmd", "contextlib", "dis", "enum", "functools", "glob",
    "inspect", "keyword", "numbers", "operator", "queue", "reprlib", "sched", "this", "types",
    "asyncio.tasks", "asyncio.taskgroups", "concurrent.futures._base", "email.utils",
    "json.decoder", "unittest.async_case",
)  # fmt: skip


def library(name: str) -> str:
    directory = Path(ast.__file__).parent.as_posix()
    return Source.read(f"{directory}/{name.replace('.', '/')}.py").text


@pytest.mark.parametrize("name", LIBRARY)
def test_a_module_of_the_standard_library_is_lowered_to_what_python_makes(name: str) -> None:
    same(library(name))


@pytest.mark.slow
def test_so_is_every_other_that_is_a_file_of_the_library_itself() -> None:
    directory = Path(ast.__file__).parent
    for path in sorted(directory.glob("[a-f]*.py")):
        same(Source.read(path.as_posix()).text)


STATEMENTS = """\
pass
x = 1,
x = y = (1, 2)
x: int = 3
x.y: int
a, *b = c
(a, b), [c, d] = e
x += yield
x @= 1; y //= 2;
del a, b
del (a, b)
del (a), b[0]
assert x, "no"
raise
raise A from b
return
return 1, *x
import a.b.c as d, e
from . import a
from ...b.c import (d, e as f,)
from a import *
global a, b
if a: pass
elif b: pass
elif c:
    pass
else: pass; pass;
while a: break
else: continue
for a, b in c, d: pass
for (a) in b:
    pass
else:
    pass
async def f(): pass
async def f():
    async for a in b: pass
    async with a as b, c: pass
    return [x async for x in y]
with a: pass
with (a): pass
with (a, b): pass
with (a as b, c as (d, e),): pass
with (a, b) as c: pass
try: pass
finally: pass
try:
    pass
except A as b:
    pass
except (B, C): pass
except: pass
else: pass
finally:
    pass
try: pass
except* A: pass
@a
@b.c(1)
def f(a, /, b: int = 1, *c: int, d, e=2, **f: str) -> int: pass
def f(*, a): pass
def f(*args: *Ts): pass
@x
class A(B, *C, d=E, **F): pass
class A(): pass
match a:
    case 1 | -1 | 1 + 2j | "a" "b": pass
    case None | True: pass
    case [a, *_, b] if c: pass
    case a, *b: pass
    case (a, b) | [c]: pass
    case (a): pass
    case a,: pass
    case {"x": 1, y.z: _, **rest}: pass
    case {}: pass
    case A(1, b, c=2, d=E()): pass
    case (A() | B()) as c: pass
    case _: pass
match a, *b:
    case * _, c: pass
lambda: 0
lambda a, /, b=1, *c, d, e=2, **f: (a, b)
x if y else z
not a and b or c and d or (e or f)
a and (b and c) and d
a < b <= c != d is not e not in f
-a ** -b
- - ~ + a
a + b * (c - d) @ e // f % g << h >> i & j ^ k | l
((a)) . b
(a).b.c(d)(*e, f=g, **h)
f(x for x in y)
f (  x for x in y  )
f((x for x in y))
f((x for x in y), 1)
f(a)(b for c in d)
(x for x in y if z if w for v in u)
[x for x, in y]
{x for x in y}
{x: y for x, y in z}
{**a, "b": c}
{1, *a}
[*a, b]
(*a, b)
()
[]
{}
a[b]
a[b, c]
a[b,]
a[b:c, d::e, :, ::]
a[:]
a[b:]
a[:(c)]
a[*b]
a[*b, c]
a[(b, c)]
a[(b), (c)]
(yield)
(yield a, b)
(yield from a)
await a
(a := b)
f(a := b)
...
0x_ff, 0o7, 0b1, 1_000, 1.5e3, .5, 1j, 10**3
"a" 'b' \"\"\"c
d\"\"\"
u"a" "b"
b"a" rb"\\b"
"\\n\\x41\\N{EM DASH}" if x else r"\\n"
f"a{b}c" "d" f'{e!r:>{f}}'
f"{{}}{a}}}" rf"\\{b}" fr'{c}\\d'
f"{a=}" f"{a = !s:x}"
f\"\"\"a"{b}
c\\
d{e:
}\"\"\"
f"{a!r}{b:%Y-%m}" f"{'x'}{(lambda: 1)}"
f"" f"a"
é = "日本" + ü(f"é{è}", ñ)
x = (  # a comment, (
    1  # another
    + 2
)
""".rstrip()


def pieces() -> list[str]:
    """The statements above: a line that is indented or goes on belongs to the one before."""
    found: list[str] = []
    for line in STATEMENTS.split("\n"):
        candidate = "\n".join([*found[-1:], line])
        going_on = found and not _parses(found[-1])
        clause = line.split(":")[0].split(" ")[0].rstrip("*") in {
            "elif", "else", "except", "finally"
        }  # fmt: skip
        if found and (going_on or clause or line.startswith(" ") or _headless(found[-1])):
            found[-1] = candidate
        else:
            found.append(line)
    return found


def _parses(text: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except SyntaxError:
        return False
    return True


def _headless(text: str) -> bool:
    return text.rsplit("\n", 1)[-1].startswith("@")


@pytest.mark.parametrize("text", pieces())
def test_each_kind_of_statement_and_expression_is_lowered_to_what_python_makes(text: str) -> None:
    assert _parses(text), "the example is to be valid"
    same(text)
    same(f"if é:\n    {text}\n" if "\n" not in text else f"\n\n{text}  # end\n")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_make_no_difference(end: str) -> None:
    same(f"def f(x):{end}    return [{end}        x,{end}    ]{end}{end}y = 1{end}")


NAMES = st.sampled_from(["a", "b", "é", "日", "x1"])


def joined(*parts: st.SearchStrategy[str] | str) -> st.SearchStrategy[str]:
    strategies = [st.just(part) if isinstance(part, str) else part for part in parts]
    return st.tuples(*strategies).map("".join)


def larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    group = joined("(", inner, ")")
    several = st.lists(inner, min_size=1, max_size=3).map(" , ".join)
    binary = ["+", "-", "*", "/", "//", "%", "@", "&", "|", "^", "<<", ">>", "**", "==", "<"]
    words = [" in ", " not in ", " is ", " is not ", " and ", " or "]
    operators = st.sampled_from([*binary, *words])
    return st.one_of(
        group,
        joined(group, operators, group),
        joined(group, operators, group, operators, group),
        joined("not ", group),
        joined("-", group),
        joined("(", several, ",)"),
        joined("[", several, "]"),
        joined("{", several, "}"),
        joined("{", inner, ": ", inner, ", **", group, "}"),
        joined(group, ".", NAMES),
        joined(group, "[", several, "]"),
        joined(group, "[", inner, ":", inner, "]"),
        joined(group, "(", several, ", *", group, ", k=", inner, ")"),
        joined(NAMES, "(", inner, " for ", NAMES, " in ", group, ")"),
        joined("[", inner, " for ", NAMES, " in ", group, " if ", group, "]"),
        joined("(", group, " if ", group, " else ", inner, ")"),
        joined("(lambda ", NAMES, "=", inner, ": ", inner, ")"),
        joined("(\n", inner, "  # é\n)"),
        joined("(", NAMES, " := ", inner, ")"),
        joined("f'é{(", NAMES, ")!r}' f\"{", NAMES, '}"'),
    )


EXPRESSIONS = st.recursive(
    st.one_of(NAMES, st.sampled_from(["1", "'s'", "b'x'", "1.5", "None", "...", "'é'"])),
    larger,
    max_leaves=8,
)


@given(EXPRESSIONS)
@settings(max_examples=150)
def test_any_expression_is_lowered_to_what_python_makes(text: str) -> None:
    same(f"x = {text}; y\n")


# ---------------------------------------------------------------- newer than the running Python


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="these Pythons have type parameters")
@pytest.mark.parametrize(
    ("new", "old"),
    [
        ("def f[T](x: T): pass", "def f   (x: T): pass"),
        ("async def f[T: int, *Ts, **P = 1](): pass", "async def f                      (): pass"),
        ("class é[T](A, b=C): pass", "class é   (A, b=C): pass"),
        ("class A[T = int]: pass", "class A         : pass"),
    ],
)
def test_type_parameters_are_dropped_and_nothing_moves(new: str, old: str) -> None:
    assert flat(lower("/p/a.py", new)) == expected(old)


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="these Pythons have type aliases")
def test_a_type_alias_is_an_assignment() -> None:
    (alias,) = lower("/p/a.py", "type A[T] = list[T]").body
    assert isinstance(alias, ast.Assign)
    assert ast.unparse(alias) == "A = list[T]"
    assert (alias.col_offset, alias.targets[0].col_offset, alias.end_col_offset) == (0, 5, 19)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="this Python has no type parameters")
def test_type_parameters_are_kept_where_there_are_nodes_for_them() -> None:
    same("type A[T] = list[T]\ndef f[T: int, *Ts, **P](): pass\nclass B[T](A): pass\n")


def test_strings_within_fields_may_use_the_same_quotes() -> None:
    (statement,) = lower("/p/a.py", """é = f"{x["k"]}{'\\n'.join(y)}{f"{z!r}"}" """).body
    assert isinstance(statement, ast.Assign)
    assert isinstance(statement.value, ast.JoinedStr)
    first = statement.value.values[0]
    assert isinstance(first, ast.FormattedValue)
    assert isinstance(first.value, ast.Subscript)
    assert isinstance(first.value.slice, ast.Constant)
    assert first.value.slice.value == "k"
    # Columns in bytes: the name before it takes two.
    assert (first.value.slice.col_offset, first.value.slice.end_col_offset) == (10, 13)


def test_a_template_is_read_as_python_has_it() -> None:
    tree = lower("/p/a.py", 't"a {b!r:>{c}}"')
    if sys.version_info < (3, 14):
        assert flat(tree) == expected('f"a {b!r:>{c}}"')
    else:
        same('t"a {b!r:>{c}}"')


def test_exceptions_without_parentheses_are_a_tuple() -> None:
    tree = lower("/p/a.py", "try: pass\nexcept A, B.c: pass\n")
    (statement,) = tree.body
    assert isinstance(statement, ast.Try)
    kinds = statement.handlers[0].type
    assert isinstance(kinds, ast.Tuple)
    assert [ast.unparse(each) for each in kinds.elts] == ["A", "B.c"]
    assert (kinds.col_offset, kinds.end_col_offset) == (7, 13)


def test_a_source_uses_it_by_itself() -> None:
    read = Source("/p/a.py", "x = 1\ntry: pass\nexcept é, B: pass\n".encode())
    statement = read.tree.body[1]
    assert isinstance(statement, ast.Try)
    kind = statement.handlers[0].type
    assert isinstance(kind, ast.expr)
    assert read.span(kind) == (3, 8, 3, 12)


# ---------------------------------------------------------------- what nobody can parse


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("x = 1\ny = = 2\n", 2),
        ("try: pass\nexcept A, B: pass\n\n\nx = = 2\n", 5),
        ("def f():\nx\n", 2),
        ("x = '", 1),
        ("(" * 201 + ")" * 201, 1),
        ("[\n" * 5000 + "]\n" * 5000, 201),
        ("x = [" + "1, " * 20_000 + "]", 1),
        ("x = " + "9" * 5000, 1),
        ("not " * 1500 + "x", 1),
        ("x = " + "-" * 1500 + "1", 1),
        ("x" + ".y" * 1500, 1),
    ],
    ids=range(11),
)
@pytest.mark.usefixtures("usual_bound")
def test_what_cannot_be_parsed_says_where_and_never_crashes(text: str, line: int) -> None:
    with pytest.raises(SourceError) as raised:
        lower("/p/a.py", text)
    assert raised.value.line == line
    assert raised.value.column >= 1
    assert "\n" not in raised.value.message


def test_the_error_is_of_who_got_further() -> None:
    with pytest.raises(SourceError) as raised:
        _ = Source("/p/a.py", b"try: pass\nexcept A, B: pass\n\nx = = 2\n").tree
    assert raised.value.line == 4
    with pytest.raises(SourceError, match="never closed") as raised:
        _ = Source("/p/a.py", b"x = (\ny\n").tree
    assert raised.value.line == 1


@given(st.text(alphabet="ab(){}[]:=,'\"\\#\n fFrt@*|0.é", max_size=40))
@settings(max_examples=200)
def test_nothing_but_a_source_error_leaves(text: str) -> None:
    try:
        tree = lower("/p/a.py", text)
    except SourceError:
        return
    ast.fix_missing_locations(tree)
    assert isinstance(ast.unparse(tree), str)
