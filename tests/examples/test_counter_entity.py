"""A counter that many use at once, as examples/counter_entity.py has it."""

import pytest
from counter_entity import Counter, visit

import durable_async as da
from durable_async import testing


def test_an_operation_is_a_plain_method() -> None:
    counter = Counter()
    assert [counter.add(2), counter.add(3)] == [2, 5]


@pytest.mark.parametrize("rebuild", [False, True], ids=["kept", "rebuilt"])
async def test_no_visitor_is_lost_and_none_counted_twice(rebuild: bool) -> None:
    async with testing.environment([visit, Counter], rebuild=rebuild) as env:
        handles = [await env.client.start(visit("/home")) for _ in range(50)]
        numbers = [await handle.result() for handle in handles]
        assert sorted(numbers) == list(range(1, 51))
        assert await env.client.read_entity(Counter, "/home") == Counter(50)


async def test_no_visit_is_counted_twice_though_the_worker_dies_at_every_commit() -> None:
    async with testing.environment([visit, Counter], crash="every-commit") as env:
        handles = [await env.client.start(visit("/home")) for _ in range(10)]
        assert sorted([await handle.result() for handle in handles]) == list(range(1, 11))


async def test_each_page_has_a_counter_of_its_own() -> None:
    async with testing.environment([visit, Counter]) as env:
        for page in ("/home", "/about"):
            assert await (await env.client.start(visit(page))).result() == 1


async def test_a_counter_that_is_reset_is_gone_and_begins_anew() -> None:
    async with testing.environment([visit, Counter]) as env:
        await (await env.client.start(visit("/home"))).result()
        await env.client.signal_entity(da.entity_ref(Counter, "/home"), Counter.reset)
        await env.advance(0)
        assert await env.client.read_entity(Counter, "/home") is None
        assert await (await env.client.start(visit("/home"))).result() == 1
