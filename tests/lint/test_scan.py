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


CLIENT = """
async with httpx.AsyncClient() as client:
    await client.post("/reserve", json=order)
    await client.post("/charge", json=order)
    (await client.get("/receipt")).json()
    await mailer.send(order)
"""
POLL_A_CLIENT = """
while True:
    answer = await client.get(f"/jobs/{order}")
    if (await answer.json())["done"]:
        return
    await asyncio.sleep(30)
"""
POLL_SO_OFTEN = """
for _ in range(60):
    if await client.get_status(order) == "done":
        break
    await asyncio.sleep(5)
"""
RETRY_AND_SLEEP_BELOW = """
for attempt in range(5):
    try:
        return await client.post("/charge", json=order)
    except OSError:
        log.warning("again")
    await asyncio.sleep(2 ** attempt)
"""
HOURS = """
await client.post("/remind", json=order)
await asyncio.sleep(HOURS * 3600)
await client.post("/remind", json=order)
"""
NAMED = """
await client.post("/remind", json=order)
await asyncio.sleep(WEEK)
await client.post("/remind", json=order)
"""
INTERVAL = """
await client.post("/remind", json=order)
await asyncio.sleep(timedelta(days=3).total_seconds())
await client.post("/remind", json=order)
"""
COLUMN = """
await charge(order)
await db.execute("UPDATE orders SET status = 'charged' WHERE id = ?", (order,))
await ship(order)
"""
COLUMN_OVER_LINES = """
await charge(order)
cursor.execute(
    f'''
    update {table}
       set updated_at = now(), payment_state = 'charged'
    '''
)
await ship(order)
"""
COLUMN_OF_AN_ORM = """
await charge(order)
await Order.filter(id=order).update(status="charged")
await ship(order)
"""
COLUMN_OF_A_DOCUMENT = """
await charge(order)
await orders.update_one({"_id": order}, {"$set": {"status": "charged"}})
await ship(order)
"""
OWN_FUNCTION_FOR_IT = """
await charge(order)
await update_status(order, "charged")
await ship(order)
"""


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (CLIENT, "how far it was in 4 steps"),
        (POLL_A_CLIENT, "polls"),
        (POLL_SO_OFTEN, "polls"),
        (RETRY_AND_SLEEP_BELOW, "retries by hand"),
        (HOURS, "waits longer"),
        (NAMED, "waits longer"),
        (INTERVAL, "waits longer"),
        (COLUMN, "keeps its progress by hand (db.execute('UPDATE ... SET ...'))"),
        (COLUMN_OVER_LINES, "keeps its progress by hand (cursor.execute('UPDATE ... SET ...'))"),
        (COLUMN_OF_AN_ORM, "keeps its progress by hand (Order.filter.update(status=...))"),
        (COLUMN_OF_A_DOCUMENT, "keeps its progress by hand (orders.update_one(status=...))"),
        (OWN_FUNCTION_FOR_IT, "keeps its progress by hand (update_status())"),
    ],
)
def test_what_is_done_with_clients_of_libraries_counts_too(body: str, reason: str) -> None:
    candidate = only(f"WEEK = 7 * 24 * 3600\n\n{coroutine(body)}")
    assert any(reason in told for told in candidate.reasons), candidate.reasons


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
STREAM = """
while True:
    message = await websocket.receive_text()
    await websocket.send(message)
    await reader.read(100)
    await writer.drain()
    await queue.get()
    await queue.put(message)
    await self._lock.acquire()
"""
FOR_EVER = """
while True:
    await client.sync(order)
    await asyncio.sleep(5)
"""
A_PAUSE = """
await client.sync(order)
await asyncio.sleep(0.5)
await client.sync(order)
"""
ANOTHER_COLUMN = """
await client.fetch(order)
await db.execute("SELECT status FROM orders WHERE id = ?", (order,))
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
        STREAM,
        FOR_EVER,
        A_PAUSE,
        ANOTHER_COLUMN,
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
