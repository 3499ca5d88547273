"""Values are a lattice: joining goes up, in whatever order it is done, and comes to an end."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from durable_lint.reach.scopes import ClassScope, Function, Module
from durable_lint.reach.values import (
    ANYTHING,
    HEAVIEST,
    MOST_FUNCTIONS,
    NOTHING,
    UNKNOWN,
    WIDEST,
    Bound,
    Class,
    Constant,
    External,
    Func,
    Instance,
    Made,
    Object,
    Partial,
    Value,
    join,
    members_of,
    weight_of,
)
from durable_lint.source import Source

_TEXT = "\n".join(
    [*(f"def f{i}():\n    pass" for i in range(40)), *(f"class C{i}:\n    pass" for i in range(3))]
)
_MODULE = Module("/p/m.py", "m", Source("/p/m.py", _TEXT.encode()))
_FUNCTIONS = [b[0] for b in _MODULE.bindings.values() if isinstance(b[0], Function)]
_CLASSES = [b[0] for b in _MODULE.bindings.values() if isinstance(b[0], ClassScope)]

_leaves = st.one_of(
    st.just(UNKNOWN),
    st.just(NOTHING),
    st.sampled_from([Constant(None, "NoneType"), Constant(1, "int"), Constant(2, "int")]),
    st.sampled_from([Constant("a", "str"), Constant("b", "str"), Constant(True, "bool")]),
    st.sampled_from([External("time.time"), External("os"), Made("httpx.get")]),
    st.sampled_from([Instance(f"builtins.{name}") for name in ("int", "str", "list", "tuple")]),
    st.sampled_from(_FUNCTIONS[:3]).map(Func),
    st.sampled_from(_CLASSES).map(Class),
    st.builds(Object, st.sampled_from(_CLASSES), st.booleans()),
)


def _holders(inner: st.SearchStrategy[Value]) -> st.SearchStrategy[Value]:
    items = st.lists(inner, min_size=1, max_size=3).map(tuple)
    return st.one_of(
        inner.map(lambda item: Instance("builtins.list", (item,))),
        inner.map(lambda item: Instance("builtins.set", (item,))),
        st.tuples(inner, inner).map(lambda pair: Instance("builtins.dict", pair)),
        items.map(lambda parts: Instance("builtins.tuple", parts)),
        inner.map(lambda item: Func(_FUNCTIONS[3], (("x", item),))),
        inner.map(lambda item: Bound(Func(_FUNCTIONS[4]), item)),
        inner.map(lambda item: Partial(Func(_FUNCTIONS[5]), (item,))),
        st.tuples(inner, inner).map(lambda pair: join(*pair)),
    )


values = st.recursive(_leaves, _holders, max_leaves=6)


def _below(one: Value, other: Value) -> bool:
    return join(other, one) == other


@given(values)
def test_a_value_joined_with_itself_stays_itself(one: Value) -> None:
    assert join(one, one) == one


@given(values, values)
def test_it_does_not_matter_which_of_two_comes_first(one: Value, other: Value) -> None:
    assert join(one, other) == join(other, one)


@given(values, values, values)
def test_it_does_not_matter_which_of_three_are_joined_first(
    one: Value, other: Value, third: Value
) -> None:
    assert join(join(one, other), third) == join(one, join(other, third))


@given(values, values)
def test_what_is_joined_is_above_both(one: Value, other: Value) -> None:
    both = join(one, other)
    assert _below(one, both) and _below(other, both)


@given(values, values, values)
def test_joining_keeps_what_is_above_above(one: Value, other: Value, third: Value) -> None:
    above = join(one, other)
    assert _below(join(one, third), join(above, third))


@given(values)
def test_nothing_says_nothing_and_anything_takes_in_all(one: Value) -> None:
    assert join(NOTHING, one) == one == join(one, NOTHING)
    assert join(ANYTHING, one) == ANYTHING == join(one, ANYTHING)


@given(st.lists(values, max_size=60))
def test_joining_comes_to_an_end(many: list[Value]) -> None:
    """Whatever flows in, a value grows a bounded number of times; then it stays what it is."""
    value: Value = NOTHING
    grown = 0
    for _ in range(3):
        for one in many:
            after = join(value, one)
            grown += after != value
            assert weight_of(after) <= HEAVIEST
            value = after
    assert all(join(value, one) == value for one in many)
    assert grown <= (MOST_FUNCTIONS + WIDEST + 1) * HEAVIEST


@given(values)
def test_no_value_is_heavier_than_allowed(one: Value) -> None:
    for _ in range(300):
        one = Instance("builtins.list", (one,))
        assert weight_of(one) <= HEAVIEST
    for _ in range(50):
        one = Func(_FUNCTIONS[6], (("x", one),))
    assert weight_of(one) <= HEAVIEST


def test_constants_of_one_type_become_the_type() -> None:
    whole = Instance("builtins.int")
    assert join(Constant(1, "int"), Constant(2, "int")) == whole
    assert join(Constant(1, "int"), whole) == join(whole, Constant(1, "int")) == whole
    assert set(members_of(join(Constant(1, "int"), Constant(True, "bool")))) == {
        Constant(1, "int"),
        Constant(True, "bool"),
    }


def test_collections_of_one_type_are_joined_element_by_element() -> None:
    numbers, words = Instance("builtins.int"), Instance("builtins.str")
    joined = join(Instance("builtins.list", (numbers,)), Instance("builtins.list", (words,)))
    assert joined == Instance("builtins.list", (join(numbers, words),))


def test_a_collection_of_unknown_elements_takes_those_of_the_other() -> None:
    known = Instance("builtins.list", (Instance("pathlib.Path"),))
    assert join(Instance("builtins.list"), known) == known == join(known, Instance("builtins.list"))


def test_tuples_of_different_lengths_stay_apart() -> None:
    pair = Instance("builtins.tuple", (Constant(1, "int"), Constant("a", "str")))
    single = Instance("builtins.tuple", (Constant(1, "int"),))
    assert set(members_of(join(pair, single))) == {pair, single}


def test_too_many_kinds_are_anything_and_stay_it() -> None:
    value: Value = NOTHING
    for place in range(WIDEST + 1):
        value = join(value, External(f"library.name_{place}"))
    assert value is ANYTHING
    assert join(value, External("time.time")) is ANYTHING
    assert UNKNOWN in members_of(value)


def test_a_table_of_handlers_may_hold_many_functions() -> None:
    value: Value = NOTHING
    for function in _FUNCTIONS[:MOST_FUNCTIONS]:
        value = join(value, Func(function))
    assert {part.function for part in members_of(value) if isinstance(part, Func)} == set(
        _FUNCTIONS[:MOST_FUNCTIONS]
    )
    assert join(value, Func(_FUNCTIONS[MOST_FUNCTIONS])) is ANYTHING


@pytest.mark.parametrize("depth", [3, 30, 3000])
def test_nesting_a_value_into_itself_costs_no_more_than_its_depth(depth: int) -> None:
    one: Value = Constant(1, "int")
    other: Value = Constant(1, "int")
    for _ in range(depth):
        one = Instance("builtins.tuple", (one, one))
        other = Instance("builtins.tuple", (other, other))
    assert join(one, other) == one == other
    assert hash(one) == hash(other)


def test_the_module_of_these_tests_has_what_they_need() -> None:
    assert len(_FUNCTIONS) == 40 and len(_CLASSES) == 3
    assert isinstance(_FUNCTIONS[0].node, ast.FunctionDef)
