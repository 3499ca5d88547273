"""Which names a function binds, reads from outside and declares global is what CPython says."""

import ast
import inspect
import json.decoder
import random
import symtable
import sys
import textwrap
import typing
from collections.abc import Iterator
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from durable_lint.reach.scan import Scan

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_Pair = tuple[ast.AST, symtable.SymbolTable]


def _pairs(source: str) -> Iterator[_Pair]:
    """Each function of a source, as a tree and as CPython's table of it."""
    tables: dict[tuple[str, int], list[symtable.SymbolTable]] = {}
    todo = [symtable.symtable(source, "m.py", "exec")]
    while todo:
        table = todo.pop()
        todo.extend(table.get_children())
        if table.get_type() == "function":
            tables.setdefault((table.get_name(), table.get_lineno()), []).append(table)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, _FUNCTIONS):
            name = "lambda" if isinstance(node, ast.Lambda) else node.name
            found = tables.get((name, node.lineno), [])
            if len(found) == 1:  # several lambdas of one line cannot be told apart
                yield node, found[0]


def _expected(table: symtable.SymbolTable) -> tuple[set[str], set[str], set[str]]:
    """The names that a function binds, takes from functions round it, and declares global."""
    bound = {
        symbol.get_name()
        for symbol in table.get_symbols()
        if symbol.is_local() and not symbol.get_name().startswith(".")
    }
    free = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_free()}
    declared = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_declared_global()}
    return bound, free, declared


def _of_comprehensions(function: ast.AST) -> set[str]:
    """What comprehensions iterate with."""
    if sys.version_info < (3, 12):
        return set()
    return {
        name.id
        for node in ast.walk(function)
        if isinstance(node, ast.comprehension)
        for name in ast.walk(node.target)
        if isinstance(name, ast.Name)
    }


def _compare(source: str) -> int:
    count = 0
    for node, table in _pairs(source):
        assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        scan = Scan(node)
        bound, free, declared = _expected(table)
        where = f"{table.get_name()} of line {table.get_lineno()}"
        own = _of_comprehensions(node)  # CPython 3.12 and later count these among the function's
        assert scan.bound - own == bound - own, where
        # What is read here or within and bound in neither is free, global or a builtin.
        assert free - {"__class__"} - scan.nonlocals <= scan.frees, where
        assert not scan.frees & bound, where
        assert declared <= scan.globals, where
        count += 1
    return count


# ------------------------------------------------------------------ functions that somebody wrote


@pytest.mark.parametrize(
    "module", [ast, inspect, json.decoder, random, textwrap, typing], ids=lambda m: m.__name__
)
def test_scopes_of_the_standard_library_agree_with_cpython(module: ModuleType) -> None:
    assert _compare(inspect.getsource(module)) > 5


# ------------------------------------------------------------------ functions that nobody wrote

_names = st.sampled_from(["a", "b", "c", "d"])


def _indented(lines: list[str]) -> list[str]:
    return [f"    {line}" for line in lines]


def _block(head: str) -> st.SearchStrategy[list[str]]:
    return st.deferred(lambda: _body).map(lambda body: [head, *_indented(body)])


_expressions = st.recursive(
    st.one_of(_names, st.just("1")),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]} + {pair[1]})"),
        st.tuples(inner, _names, inner).map(lambda p: f"[{p[0]} for {p[1]} in {p[2]}]"),
        st.tuples(inner, _names, inner, inner).map(
            lambda p: f"{{{p[0]} for {p[1]} in {p[2]} if {p[3]}}}"
        ),
        st.tuples(_names, inner).map(lambda p: f"(lambda {p[0]}: {p[1]})"),
        st.tuples(_names, _names, inner).map(lambda p: f"(lambda {p[0]}={p[1]}: {p[2]})"),
        st.tuples(inner, inner).map(lambda p: f"{p[0]}.a({p[1]})"),
    ),
    max_leaves=5,
)
_statements = st.one_of(
    st.tuples(_names, _expressions).map(lambda p: [f"{p[0]} = {p[1]}"]),
    st.tuples(_names, _names, _expressions).map(lambda p: [f"{p[0]}, *{p[1]} = {p[2]}"]),
    st.tuples(_names, _expressions).map(lambda p: [f"{p[0]} += {p[1]}"]),
    st.tuples(_names, _expressions).map(lambda p: [f"{p[0]}: int = {p[1]}"]),
    st.tuples(_names, _expressions).map(lambda p: [f"({p[0]} := {p[1]})"]),
    st.tuples(_names, _expressions).map(lambda p: [f"{p[0]}.x = {p[1]}"]),
    _names.map(lambda name: [f"import {name}"]),
    st.tuples(_names, _names).map(lambda p: [f"from {p[0]} import {p[1]}"]),
    st.tuples(_names, _names).map(lambda p: [f"import {p[0]}.x as {p[1]}"]),
    _names.map(lambda name: [f"del {name}"]),
    _expressions.map(lambda e: [f"return {e}"]),
    st.tuples(_names, _names).flatmap(lambda p: _block(f"class {p[0]}({p[1]}):")),
    st.tuples(_names, _expressions).flatmap(lambda p: _block(f"for {p[0]} in {p[1]}:")),
    st.tuples(_names, _expressions).flatmap(lambda p: _block(f"with {p[1]} as {p[0]}:")),
    _expressions.flatmap(lambda e: _block(f"if {e}:")),
    st.tuples(_names, _names, _expressions).flatmap(
        lambda p: _block(f"def {p[0]}({p[1]}={p[2]}):")
    ),
    _names.flatmap(lambda name: _block(f"async def {name}(*args, **rest):")),
    _names.flatmap(lambda name: _block("try:\n    pass\nexcept b as " + name + ":").map(_flat)),
    st.tuples(_names, _names).flatmap(
        lambda p: _block(f"match {p[0]}:\n    case [{p[1]}, *c] | {{'k': {p[1]}, **c}}:").map(
            _match
        )
    ),
)


def _flat(lines: list[str]) -> list[str]:
    return [part for line in lines for part in line.split("\n")]


def _match(lines: list[str]) -> list[str]:
    head, *body = lines
    return [*head.split("\n"), *_indented(body)]


_body = st.lists(_statements, min_size=1, max_size=4).map(
    lambda parts: [line for part in parts for line in part]
)


@given(_body)
def test_scopes_of_made_up_functions_agree_with_cpython(body: list[str]) -> None:
    source = "\n".join(["def outer(a):", *_indented(body)])
    try:
        compile(source, "m.py", "exec")
    except SyntaxError:
        return
    assert _compare(source + "\n") >= 1


# ------------------------------------------------------------------ what the words mean


def _scan(text: str) -> Scan:
    node = ast.parse(textwrap.dedent(text)).body[0]
    assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    return Scan(node)


def test_a_global_is_neither_bound_nor_free() -> None:
    scan = _scan(
        """
        def f():
            global total
            total = other
        """
    )
    assert scan.globals == {"total"} and scan.bound == set() and "other" in scan.frees


def test_a_nonlocal_belongs_to_the_function_round_it() -> None:
    scan = _scan(
        """
        def f():
            total = 0
            def add():
                nonlocal total
                total += 1
        """
    )
    assert scan.bound == {"total", "add"} and scan.inner[0].nonlocals == {"total"}


def test_the_variable_of_a_comprehension_is_its_own() -> None:
    assert _scan("def f(xs):\n    return [x for x in xs]").bound == {"xs"}
    assert _scan("def f(xs):\n    return [x for x in xs], x").frees == {"x"}
    assert _scan("def f():\n    return [x for x in x]").frees == {"x"}


def test_a_walrus_in_a_comprehension_binds_outside_of_it() -> None:
    assert _scan("def f(xs):\n    return [y := x for x in xs]").bound == {"xs", "y"}


def test_what_a_class_binds_is_seen_by_nobody_round_it_or_in_its_methods() -> None:
    scan = _scan(
        """
        def f():
            class Order(base):
                size = 1
                def total(self):
                    return size
            return Order
        """
    )
    assert scan.bound == {"Order"} and {"base", "size"} <= scan.frees


def test_defaults_and_decorators_are_read_outside_of_the_function() -> None:
    scan = _scan(
        """
        def f():
            @trace
            def g(x=limit):
                return x
        """
    )
    assert {"trace", "limit"} <= scan.frees and not {"trace", "limit"} & scan.inner[0].frees


def test_a_generator_is_one_by_its_own_yield_only() -> None:
    assert _scan("def f():\n    yield 1").is_generator
    assert not _scan("def f():\n    def g():\n        yield 1\n    return g").is_generator
    assert not _scan("def f():\n    return (x for x in ())").is_generator


@pytest.mark.parametrize(
    "pattern", ["True", "None", "[True, *rest]", "{'a': False}", "int(real=1)"]
)
def test_a_pattern_of_a_singleton_holds_no_names(pattern: str) -> None:
    scan = _scan(f"def f(x):\n    match x:\n        case {pattern}:\n            return y")
    assert scan.frees == ({"y", "int"} if pattern.startswith("int") else {"y"})
