"""Where `--fix` writes `await`, `sorted` and `raise`, and where it must not."""

from collections.abc import Callable
from textwrap import dedent

import pytest

Mend = Callable[..., str]


def flow(statement: str) -> str:
    return "async def flow(xs):\n" + "".join(f"    {line}\n" for line in statement.split("\n"))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("charge(1)", "await charge(1)"),
        ("x = charge(1)", "x = await charge(1)"),
        ("if charge(1) > 3: pass", "if await charge(1) > 3: pass"),
        ("if not(charge(1)): pass", "if not(await charge(1)): pass"),
        ("x = charge(1).cents", "x = (await charge(1)).cents"),
        ("x = charge(1)[0]", "x = (await charge(1))[0]"),
        ("x = charge(1)()", "x = (await charge(1))()"),
        ("x = (charge(1)).cents", "x = (await charge(1)).cents"),
        ("x = str(charge(1))", "x = str(await charge(1))"),
        ("x = f'{charge(1)!r}'", "x = f'{await charge(1)!r}'"),
        ("x = -charge(1) ** 2", "x = -await charge(1) ** 2"),
        ("x = [charge(1) for _ in xs]", "x = [await charge(1) for _ in xs]"),
        ("x = (y for y in charge(1))", "x = (y for y in await charge(1))"),
        ("for x in charge(1): pass", "for x in await charge(1): pass"),
        ("return 1if charge(1)else 2", "return 1if await charge(1)else 2"),
    ],
)
def test_a_call_that_is_not_awaited_is(before: str, after: str, mend: Mend) -> None:
    assert mend(flow(before), ("DUR133", "flows.charge", "charge(1)")) == flow(after)


@pytest.mark.parametrize(
    "statement",
    [
        "x = (charge(1) for _ in xs)",
        "x = lambda: charge(1)",
        "def later(): charge(1)",
        "class Late: x = charge(1)",
        "await charge(1)",
        "x = charge(1)\nif x: pass\nawait x",
        "x = charge(1)\nif x: asyncio.create_task(x)",
        "x = charge(1)\nif x: await asyncio.gather(x, *xs)",
        "x = charge(1)\nif x: xs.append(x)",
        "x = charge(1)\nif x: return x",
    ],
)
def test_a_call_that_cannot_be_awaited_here_or_is_later_stays(statement: str, mend: Mend) -> None:
    assert mend(flow(statement), ("DUR133", "flows.charge", "charge(1)")) == flow(statement)


def test_a_call_in_a_plain_function_stays(mend: Mend) -> None:
    text = "def flow():\n    charge(1)\n"
    assert mend(text, ("DUR133", "flows.charge", "charge(1)")) == text


@pytest.mark.parametrize(
    ("before", "piece", "after"),
    [
        ("for x in names: pass", "names", "for x in sorted(names): pass"),
        ('for x in{"b", "a"}: pass', '{"b", "a"}', 'for x in sorted({"b", "a"}): pass'),
        ("x = [*a, *names]", "names", "x = [*a, *sorted(names)]"),
        ("x = [y for y in a - b]", "a - b", "x = [y for y in sorted(a - b)]"),
        ("for x in await a(b): pass", "await a(b)", "for x in sorted(await a(b)): pass"),
        ("x = ', '.join(names)", "names", "x = ', '.join(sorted(names))"),
        ("x = list(a if b else c)", "a if b else c", "x = list(sorted(a if b else c))"),
    ],
)
def test_what_has_no_order_is_sorted(before: str, piece: str, after: str, mend: Mend) -> None:
    assert mend(flow(before), ("DUR134", "names", piece)) == flow(after)


def test_sorting_keeps_lines_and_comments(mend: Mend) -> None:
    piece = "(\n        a  # ours\n        | b\n    )"
    fixed = mend(
        f"async def flow():\n    for x in {piece}:\n        pass\n",
        ("DUR134", "a | b", piece[10:-6]),
    )
    assert fixed == (
        "async def flow():\n    for x in (\n        sorted(a  # ours\n        | b)\n    ):\n"
        "        pass\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        "async def flow(sorted, names):\n    for x in names:\n        pass\n",
        "def sorted(x): ...\n\n\nasync def flow(names):\n    for x in names:\n        pass\n",
    ],
)
def test_sorted_must_be_the_builtin(text: str, mend: Mend) -> None:
    nth = text[: text.index("x in names")].count("names")
    assert mend(text, ("DUR134", "names", "names", nth)) == text


HANDLERS = [
    ("except CancelledError:\n    undo()\n", "except CancelledError:\n    undo()\n    raise\n"),
    ("except CancelledError:\n    pass\n", "except CancelledError:\n    raise\n"),
    ("except CancelledError: ...\n", "except CancelledError: raise\n"),
    (
        "except CancelledError: undo()  # always\n",
        "except CancelledError: undo(); raise  # always\n",
    ),
    (
        "except CancelledError as e:  # all\n    if e:\n        raise\n    # so far\n",
        "except CancelledError as e:  # all\n    if e:\n        raise\n    raise\n    # so far\n",
    ),
    (
        "except CancelledError:\n    for x in xs:\n        break\n",
        "except CancelledError:\n    for x in xs:\n        break\n    raise\n",
    ),
    (
        "except (asyncio.CancelledError, CancelledError):\n    s = '''\n  a'''\n",
        "except (asyncio.CancelledError, CancelledError):\n    s = '''\n  a'''\n    raise\n",
    ),
    (
        "except CancelledError:\n    def again():\n        return 1\n",
        "except CancelledError:\n    def again():\n        return 1\n    raise\n",
    ),
]


def tried(handler: str) -> str:
    inner = "".join(f"    {line}\n" for line in handler.splitlines())
    return f"async def flow(xs):\n    try:\n        await step()\n{inner}"


@pytest.mark.parametrize(("before", "after"), HANDLERS)
@pytest.mark.parametrize("rest", ["", "    return 1\n"])
def test_a_handler_for_cancellations_raises_again_at_its_end(
    before: str, after: str, rest: str, mend: Mend
) -> None:
    text = tried(before).replace("  a'''", "  a'''")
    piece = text[text.index("except") :].rstrip("\n")
    if "# so far" in piece:
        piece = piece[: piece.index("\n        # so far")]
    if "  # always" in piece:
        piece = piece[: piece.index("  # always")]
    fixed = mend(text + rest, ("DUR135", "bare except", piece))
    assert fixed == tried(after) + rest


def test_the_last_line_of_a_file_may_lack_its_end(mend: Mend) -> None:
    text = tried("except CancelledError:\n    undo()").rstrip("\n")
    fixed = mend(text, ("DUR135", "except BaseException", text[text.index("except") :]))
    assert fixed == f"{text}\n        raise"


WIDE = [
    ("except:", "except Exception:"),
    ("except :", "except Exception :"),
    ("except BaseException:", "except Exception:"),
    ("except BaseException as error:", "except Exception as error:"),
    ("except builtins.BaseException:", "except Exception:"),
    ("except (asyncio.CancelledError, BaseException):", "except Exception:"),
    ("except* BaseException:", "except* Exception:"),
]


@pytest.mark.parametrize(("before", "after"), WIDE)
@pytest.mark.parametrize("body", [" return 1", "\n    undo()", "\n    if xs:\n        raise"])
def test_a_handler_for_everything_is_narrowed_so_that_errors_end_where_they_ended(
    before: str, after: str, body: str, mend: Mend
) -> None:
    if "*" in before and "return" in body:
        body = " undo()"
    text = tried(before + body)
    piece = text[text.index("except") :].rstrip("\n")
    assert mend(text, ("DUR135", "bare except", piece)) == tried(after + body)


def test_a_handler_below_one_for_errors_sees_only_what_should_go_on(mend: Mend) -> None:
    text = tried("except Exception:\n    return 1\nexcept BaseException:\n    undo()\n")
    piece = text[text.index("except BaseException") :].rstrip("\n")
    assert mend(text, ("DUR135", "except BaseException", piece)) == text + "        raise\n"


def test_a_handler_is_left_where_exception_means_something_else(mend: Mend) -> None:
    text = "from errors import Exception\n\n\n" + tried("except BaseException:\n    undo()\n")
    piece = text[text.index("except") :].rstrip("\n")
    assert mend(text, ("DUR135", "except BaseException", piece)) == text


@pytest.mark.parametrize(
    "handler",
    [
        "except CancelledError:\n    return None\n",
        "except CancelledError:\n    if xs:\n        return None\n    undo()\n",
        "except (CancelledError, OSError):\n    undo()\n",
        "except CancelledError:\n    undo()\n    raise\n",
        "except CancelledError:\n    while xs:\n        xs.pop()\n    else:\n        return\n",
    ],
)
def test_a_handler_that_leaves_otherwise_is_left(handler: str, mend: Mend) -> None:
    text = tried(handler)
    piece = text[text.index("except") :].rstrip("\n")
    assert mend(text, ("DUR135", "except CancelledError", piece)) == text


@pytest.mark.parametrize("statement", ["continue", "break"])
def test_a_handler_that_goes_on_with_a_loop_is_left(statement: str, mend: Mend) -> None:
    text = dedent(f"""\
        async def flow(xs):
            for x in xs:
                try:
                    await step(x)
                except CancelledError:
                    {statement}
        """)
    piece = text[text.index("except") :].rstrip("\n")
    assert mend(text, ("DUR135", "except CancelledError", piece)) == text
