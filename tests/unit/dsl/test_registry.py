"""What a worker is given, and what it makes of it."""

import os
import subprocess
import sys
import types
from pathlib import Path
from typing import Any

import pytest
from tests.unit.dsl import shop
from tests.unit.dsl.test_definitions import Payments

import durable_async as da
from durable_async.convert.values import Converter
from durable_async.dsl.registry import BoundActivity, Registry


def test_a_module_gives_every_definition_in_its_globals_once() -> None:
    registry = Registry.of([shop])
    assert registry.activity_names == {"charge", "resize"}
    assert registry.definitions == {("checkout", "2")}
    assert registry.orchestrator("checkout", "2") is shop.checkout
    assert registry.orchestrator("checkout", None) is None
    assert registry.activity("missing") is None


def test_an_instance_gives_its_activity_methods_inherited_ones_too() -> None:
    class Cards(Payments):
        pass

    registry = Registry.of([Cards("c-")])
    assert registry.activity_names == {"Payments.charge", "refund-card"}
    bound = registry.activity("refund-card")
    assert bound is not None and bound.is_sync
    assert bound.run(("o",), {}) == "c-o"


def test_a_bound_activity_reads_arguments_and_writes_results() -> None:
    bound = Registry.of([shop]).activity("resize")
    assert bound is not None and bound.retry is None
    converter = Converter()
    payload, _ = shop.resize.arguments(converter).encode(("a",), {})
    args, kwargs = bound.decode_arguments(payload, converter)
    assert bound.encode_result(bound.run(args, kwargs), converter).data == b'"A"'


@pytest.mark.parametrize(
    ("given", "advice"),
    [
        (Payments, "is a class: give the worker an instance"),
        (Payments.charge, "is a method: give the worker an instance, Payments"),
        (lambda: None, "is not decorated"),
        (42, "has no activity methods"),
        (types.ModuleType("empty"), "no orchestrator, no activity and no entity"),
    ],
)
def test_what_is_no_definition_is_refused_with_advice(given: Any, advice: str) -> None:
    with pytest.raises(TypeError, match=advice):
        Registry.of([given])


@pytest.mark.parametrize(
    ("given", "name"), [(shop.checkout, "checkout"), (shop, "module '.+shop'"), (42, "42")]
)
def test_what_stands_alone_is_no_list(given: Any, name: str) -> None:
    with pytest.raises(TypeError, match=rf"^{name} stands alone: give a list"):
        Registry.of(given)


def test_a_call_is_refused_with_advice_and_is_not_said_to_be_forgotten() -> None:
    with pytest.raises(TypeError, match="give the worker the function, without calling it"):
        Registry.of([shop.charge("o")])


def test_two_definitions_of_one_name_are_refused_with_both_lines() -> None:
    @da.activity(name="charge")
    async def other(order_id: str) -> str:
        return order_id

    @da.orchestrator(name="checkout", version="2")
    async def again(order_id: str) -> str:
        return order_id

    with pytest.raises(ValueError, match=r"'charge' is defined twice, at .*shop.py:\d+ and at"):
        Registry.of([shop, other])
    with pytest.raises(ValueError, match=r"'checkout' \(version 2\) is defined twice"):
        Registry.of([again, shop.checkout])
    with pytest.raises(ValueError, match="defined twice"):
        Registry.of([Payments("a"), Payments("b")])


def test_the_same_definition_twice_and_versions_of_one_name_are_fine() -> None:
    @da.orchestrator(name="checkout", version="3")
    async def newer(order_id: str) -> str:
        return order_id

    registry = Registry.of([shop, shop.charge, newer])
    assert registry.definitions == {("checkout", "2"), ("checkout", "3")}


def test_a_definition_without_a_version_runs_those_that_nobody_else_has() -> None:
    @da.orchestrator
    async def checkout(order_id: str) -> str:
        return order_id

    registry = Registry.of([shop, checkout])
    assert registry.orchestrator("checkout", "2") is shop.checkout
    assert registry.orchestrator("checkout", "3") is checkout
    assert registry.orchestrator("checkout", None) is checkout
    assert registry.any_version == {"checkout"}
    assert Registry.of([shop]).any_version == frozenset()


def test_what_options_say_is_for_callers_and_not_for_the_worker() -> None:
    registry = Registry.of([shop.checkout.options(id="o-1", version="9", queue="slow"), shop])
    assert registry.definitions == {("checkout", "2")}
    learned = Registry.of([])
    learned.learn(shop.checkout.options(version="9"))
    assert learned.orchestrator("checkout", "2") is shop.checkout
    assert learned.orchestrator("checkout", "9") is None


def test_orchestrators_are_learnt_but_not_those_known_by_name_only() -> None:
    registry = Registry.of([])
    before = registry.definitions
    registry.learn(da.orchestrator_named("elsewhere", int))
    assert registry.definitions is before == frozenset()
    registry.learn(shop.checkout)
    assert registry.definitions == {("checkout", "2")}


@pytest.mark.parametrize("named", [shop.elsewhere, da.orchestrator_named("far", int)])
def test_what_is_known_by_name_only_is_given_to_no_worker(named: object) -> None:
    with pytest.raises(TypeError, match="known by its name only: it runs in a worker that has"):
        Registry.of([named])


def test_names_of_what_is_built_in_are_kept_for_it() -> None:
    @da.activity(name="durable_async.http")
    async def own(url: str) -> str:
        return url

    with pytest.raises(ValueError, match=r"'durable_async.http' at .*test_registry.py:\d+: names"):
        Registry.of([own])
    registry = Registry.of([shop], builtins=[own])
    assert registry.activity_names == {"charge", "resize", "durable_async.http"}
    assert registry.fingerprint == Registry.of([shop]).fingerprint


def test_activities_are_learnt_but_not_named_ones_methods_or_known_ones() -> None:
    registry = Registry.of([])
    for definition in (shop.charge, shop.elsewhere, Payments.charge):
        registry.learn(definition)
    assert registry.activity_names == {"charge"}
    known = registry.activity("charge")
    registry.learn(shop.charge)
    assert registry.activity("charge") is known


def test_an_activity_can_be_given_another_body() -> None:
    registry = Registry.of([shop])
    replacement = BoundActivity(da.activity(name="charge")(shop.charge.fn))
    registry.replace(replacement)
    assert registry.activity("charge") is replacement


def test_the_fingerprint_changes_with_the_code() -> None:
    def registered(fn: Any) -> str:
        return Registry.of([da.orchestrator(name="f")(fn)]).fingerprint

    async def one() -> int:
        return abs(1)

    async def other_constant() -> int:
        return abs(2)

    async def other_name() -> int:
        return hash(1)

    async def other_inside() -> int:
        return abs(sum(each + 1 for each in ()))

    async def other_deep_inside() -> int:
        return abs(sum(each + 2 for each in ()))

    variants = (one, other_constant, other_name, other_inside, other_deep_inside)
    assert len({registered(each) for each in variants}) == len(variants)
    assert registered(one) == registered(one)


FLOWS = """\
import durable_async as da
import steps

@da.orchestrator
async def flow(kind: str) -> int:
    return await steps.first() if kind in {"a", "b", "c", "d"} else 0
"""

PRINT_FINGERPRINT = """\
import flows
from durable_async.dsl.registry import Registry
print(Registry.of([flows]).fingerprint)
"""


def fingerprint_in(folder: Path, *, seed: int = 0) -> str:
    """As a process sees it that was started in the folder."""
    return subprocess.run(
        [sys.executable, "-c", PRINT_FINGERPRINT],
        cwd=folder,
        env=os.environ | {"PYTHONHASHSEED": str(seed), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        check=True,
        text=True,
    ).stdout


def test_the_fingerprint_changes_with_a_file_beside_that_of_the_orchestrator(
    tmp_path: Path,
) -> None:
    (tmp_path / "flows.py").write_text(FLOWS)
    (tmp_path / "steps.py").write_text("async def first() -> int: return 1\n")
    before = fingerprint_in(tmp_path)
    (tmp_path / "steps.py").write_text("async def first() -> int: return 2\n")
    assert fingerprint_in(tmp_path) != before


def test_the_fingerprint_changes_with_a_package_beside_the_orchestrators_file(
    tmp_path: Path,
) -> None:
    (tmp_path / "flows.py").write_text(FLOWS)
    (tmp_path / "steps").mkdir()
    (tmp_path / "steps" / "__init__.py").write_text("from steps.ones import first\n")
    (tmp_path / "steps" / "ones.py").write_text("async def first() -> int: return 1\n")
    before = fingerprint_in(tmp_path)
    (tmp_path / "steps" / "ones.py").write_text("async def first() -> int: return 2\n")
    assert fingerprint_in(tmp_path) != before


def test_the_fingerprint_is_the_same_in_every_process(tmp_path: Path) -> None:
    (tmp_path / "flows.py").write_text(FLOWS)
    (tmp_path / "steps.py").write_text("async def first() -> int: return 1\n")
    assert len({fingerprint_in(tmp_path, seed=seed) for seed in range(4)}) == 1
