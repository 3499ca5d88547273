"""Which coroutines look like orchestrators that nobody has made yet."""

import ast
from textwrap import dedent, indent

import pytest

from durable_lint.scan import Candidate, candidates

STEPS = """
async def reserve(order: str) -> str: ...
async def charge(order: str) -> str: ...
async def ship(order: str) -> str: ...
async def refund(order: str) -> None: ...
async def get(url: str) -> str: ...
"""


def found_in(code: str, path: str = "/p/shop/orders.py") -> list[Candidate]:
    """The candidates of a module, which stands beside one that defines the steps."""
    return candidates({path: ast.parse(dedent(code)), "/p/shop/steps.py": ast.parse(STEPS)})


def only(code: str) -> Candidate:
    (candidate,) = found_in(code)
    return candidate


def test_steps_that_are_undone_when_one_fails_are_a_candidate() -> None:
    candidate = only(
        """
        from shop import steps

        async def fulfil(order: str) -> str:
            await steps.reserve(order)
            try:
                receipt = await steps.charge(order)
                await steps.ship(order)
            except ShippingError:
                await steps.refund(order)
                raise
            return receipt
        """
    )
    assert (candidate.path, candidate.line, candidate.function) == (
        "/p/shop/orders.py",
        4,
        "fulfil",
    )
    assert candidate.steps == ("steps.reserve", "steps.charge", "steps.ship", "steps.refund")
    assert candidate.reasons == (
        "a crash loses how far it was in 4 steps",
        "undoes steps when one fails, unless it crashes in between",
    )
    assert candidate.changes == ()


RETRY = """
for attempt in range(5):
    try:
        await charge(order)
        break
    except OSError:
        await asyncio.sleep(2 ** attempt)
await ship(order)
"""
POLL = """
while await charge(order) != "done":
    await asyncio.sleep(5)
await ship(order)
"""
DAY = """
await charge(order)
await asyncio.sleep(86_400)
await ship(order)
"""
AT_ONCE = """
await asyncio.gather(charge(order), ship(order), reserve(order))
"""
AT_ONCE_AS_A_LIST = """
tasks = [charge(one) for one in order]
await asyncio.gather(*tasks)
await ship(order)
await reserve(order)
"""
PROGRESS = """
await charge(order)
order.status = "charged"
await session.commit()
await ship(order)
"""
SOMEBODY = """
await charge(order)
await approvals.wait_for_approval(order)
await ship(order)
await reserve(order)
"""
LOOP = """
for one in order:
    await charge(one)
    await ship(one)
    await reserve(one)
"""
LIMIT = """
async with asyncio.timeout(5):
    await charge(order)
    await ship(order)
    await reserve(order)
"""


def coroutine(body: str, *, definition: str = "async def fulfil(order: str) -> None:") -> str:
    return f"{definition}\n{indent(body, '    ')}"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (RETRY, "retries by hand"),
        (POLL, "polls"),
        (DAY, "waits longer"),
        (AT_ONCE, "runs steps at once"),
        (AT_ONCE_AS_A_LIST, "runs steps at once"),
        (PROGRESS, "keeps its progress by hand (order.status, session.commit())"),
        (SOMEBODY, "waits for somebody outside"),
        (LOOP, "begins the loop anew"),
        (LIMIT, "has a time limit"),
    ],
)
def test_a_reason_is_what_an_orchestrator_would_do_for_it(body: str, reason: str) -> None:
    candidate = only(coroutine(body))
    assert any(reason in told for told in candidate.reasons), candidate.reasons


def test_a_decorator_that_retries_is_a_retry_by_hand() -> None:
    candidate = only(
        """
        @tenacity.retry(stop=tenacity.stop_after_attempt(3))
        async def fulfil(order: str) -> None:
            await charge(order)
            await ship(order)
        """
    )
    assert candidate.reasons == ("retries by hand what an activity's policy retries",)


CALLS_OF_LIBRARIES = """
for _ in range(3):
    answer = await client.fetch(order)
    await answer.json()
"""
WRAPPER = "return await charge(order)"
LITTLE_TO_GAIN = """
await charge(order)
await ship(order)
"""
GENERATOR = """
for one in order:
    yield await charge(one)
    await ship(one)
    await reserve(one)
"""
STEPS_OF_ANOTHER = f"""
async def inner():
{indent(LOOP, "    ")}
"""
GET_OF_A_DICTIONARY = """
for one in order:
    await charge(one)
    one.get("a")
    settings.get("b")
"""


@pytest.mark.parametrize(
    "body",
    [
        CALLS_OF_LIBRARIES,
        WRAPPER,
        LITTLE_TO_GAIN,
        GENERATOR,
        STEPS_OF_ANOTHER,
        GET_OF_A_DICTIONARY,
    ],
)
def test_a_coroutine_that_would_gain_nothing_is_no_candidate(body: str) -> None:
    assert found_in(coroutine(body)) == []


def test_a_function_that_is_not_asynchronous_is_no_candidate() -> None:
    assert found_in(coroutine(LOOP.replace("await ", ""), definition="def fulfil(order):")) == []


@pytest.mark.parametrize(
    "decorator",
    ["da.orchestrator", "orchestrator(name='x')", "activity", "pytest.fixture", "workflow.run"],
)
def test_what_is_durable_already_or_for_tests_is_no_candidate(decorator: str) -> None:
    assert found_in(f"@{decorator}\n{coroutine(LOOP)}") == []


@pytest.mark.parametrize("path", ["/p/tests/flows.py", "/p/test_flows.py", "/p/conftest.py"])
def test_tests_are_no_candidates(path: str) -> None:
    assert found_in(coroutine(LOOP), path) == []


def test_what_has_to_change_about_its_definition_is_said() -> None:
    method = coroutine(LOOP, definition="async def fulfil(self, order, *more):")
    candidate = only(f"class Orders:\n    @router.post('/orders')\n{indent(method, '    ')}")
    assert candidate.function == "Orders.fulfil"
    assert candidate.changes == (
        "it handles requests: move the steps into an orchestrator that the handler starts",
        "it is a method: pass what it needs of `self` as arguments",
        "parameters without a type: order",
        "it takes any number of arguments: name them",
        "its result has no type",
    )


def test_the_best_candidate_comes_first() -> None:
    code = coroutine(LIMIT, definition="async def small(order: str) -> None:") + coroutine(
        LOOP + DAY, definition="async def large(order: str) -> None:"
    )
    assert [candidate.function for candidate in found_in(code)] == ["large", "small"]


def test_code_nested_as_no_human_writes_it_is_read_all_the_same() -> None:
    deep = "x = " + "+".join(["1"] * 900)
    assert only(coroutine(f"{deep}\n{LOOP}")).function == "fulfil"
