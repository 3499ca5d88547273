"""Entities: lines 32 to 34."""

from __future__ import annotations

import asyncio
import logging
import random
from typing import Any

import attrs
import pytest

import durable_async as da
from durable_async.model.history import EntityCalled, EntitySignalled

from .worlds import World, after, kinds_of


class Noted:
    """A base whose methods are operations of who inherits it."""

    notes: list[str]

    def note(self, what: str) -> int:
        self.notes.append(what)
        return len(self.notes)


@da.entity
@attrs.define
class Log(Noted):
    notes: list[str] = attrs.field(factory=list)

    async def all(self) -> list[str]:
        await asyncio.sleep(0)
        return self.notes


@da.entity
@attrs.define
class Counter:
    value: int = 0

    def add(self, amount: int) -> int:
        self.value += amount
        return self.value

    def reset(self) -> None:
        da.delete_entity()

    def add_and_tell(self, amount: int, fails: bool) -> int:
        self.value += amount
        da.entity_ref(Log, "l").signal(Log.note, f"added {amount}")
        da.send_event("listener", "added", amount)
        if fails:
            raise ArithmeticError(f"{amount} after all not")
        return self.value


@da.entity
@attrs.define
class Account:
    cents: int = 0

    def put(self, cents: int) -> int:
        if self.cents + cents < 0:
            raise ValueError(f"only {self.cents} left")
        self.cents += cents
        return self.cents


@da.orchestrator
async def add(key: str, amount: int) -> int:
    return await da.entity_ref(Counter, key).call(Counter.add, amount)


@da.orchestrator
async def notes_of(key: str) -> list[str]:
    return await da.entity_ref(Log, key).call(Log.all)


async def notes(env: Any, key: str = "l") -> list[str]:
    found = await env.client.read_entity(Log, key)
    return [] if found is None else found.notes


# ---- operations ----------------------------------------------------------------------------


async def test_operations_of_one_entity_run_one_at_a_time(world: World) -> None:
    """Line 32."""
    async with world([add, Counter]) as env:
        handles = [await env.client.start(add("c", 1)) for _ in range(100)]
        numbers = [await handle.result() for handle in handles]
        assert sorted(numbers) == list(range(1, 101))
        assert await env.client.read_entity(Counter, "c") == Counter(100)


async def test_each_key_is_an_entity_of_its_own(world: World) -> None:
    """Line 32."""
    async with world([add, Counter]) as env:
        for key in ("a", "b", "a"):
            await (await env.client.start(add(key, 1))).result()
        assert await env.client.read_entity(Counter, "a") == Counter(2)
        assert await env.client.read_entity(Counter, "b") == Counter(1)


async def test_a_sender_is_served_first_in_first_out(world: World) -> None:
    """Line 32: signals and calls alike."""

    @da.orchestrator
    async def sends(name: str) -> list[int]:
        log = da.entity_ref(Log, "l")
        calls = []
        for number in range(0, 10, 2):
            log.signal(Log.note, f"{name}{number}")
            calls.append(asyncio.create_task(log.call(Log.note, f"{name}{number + 1}")))
            await asyncio.sleep(0)
        return list(await asyncio.gather(*calls))

    async with world([sends, Log]) as env:
        handles = [await env.client.start(sends(name)) for name in "abc"]
        for handle in handles:
            places = await handle.result()
            assert places == sorted(places)
        kept = await notes(env)
        assert len(kept) == 30
        for name in "abc":
            own = [each for each in kept if each[0] == name]
            assert own == [f"{name}{number}" for number in range(10)]


async def test_signals_of_a_client_run_in_the_order_in_which_they_were_sent(world: World) -> None:
    """Line 32."""
    async with world([notes_of, Log]) as env:
        for number in range(20):
            await env.client.signal_entity(da.entity_ref(Log, "l"), Log.note, str(number))
        found = await (await env.client.start(notes_of("l"))).result()
        assert found == [str(number) for number in range(20)]


async def test_a_failing_operation_is_undone_and_the_others_go_on(world: World) -> None:
    """Line 32: its state, its messages, and nothing else."""

    @da.orchestrator
    async def listens() -> list[int]:
        return [await da.wait_for_event("added", int) for _ in range(2)]

    @da.orchestrator
    async def batch() -> list[Any]:
        ref = da.entity_ref(Counter, "c")
        calls = [ref.call(Counter.add_and_tell, n, n == 2) for n in (1, 2, 3)]
        found = await asyncio.gather(*calls, return_exceptions=True)
        assert isinstance(found[1], ArithmeticError)
        failure = da.failure_of(found[1])
        assert failure is not None
        return [found[0], str(found[1]), found[2]]

    async with world([batch, listens, Counter, Log]) as env:
        listener = await env.client.start(listens(), id="listener")
        found = await (await env.client.start(batch())).result()
        assert found == [1, "2 after all not", 4]
        assert await listener.result() == [1, 3]
        await env.advance(1)
        assert await notes(env) == ["added 1", "added 3"]
        assert await env.client.read_entity(Counter, "c") == Counter(4)


async def test_a_deleted_entity_is_gone_and_begins_anew(world: World) -> None:
    """Line 32."""

    @da.orchestrator
    async def resets() -> list[int | None]:
        ref = da.entity_ref(Counter, "c")
        return [
            await ref.call(Counter.add, 5),
            await ref.call(Counter.reset),
            await ref.call(Counter.add, 1),
        ]

    async with world([resets, Counter]) as env:
        assert await env.client.read_entity(Counter, "c") is None
        assert await (await env.client.start(resets())).result() == [5, None, 1]
        await env.client.signal_entity(da.entity_ref(Counter, "c"), Counter.reset)
        await env.advance(1)
        assert await env.client.read_entity(Counter, "c") is None
        assert [each async for each in env.client.list_entities()] == []


async def test_operations_match_by_name_and_added_fields_read_old_states(world: World) -> None:
    """Line 32: an unknown field is refused, and nothing of it is lost."""

    @da.entity(name="Counter")
    @attrs.define
    class Newer:
        value: int = 0
        step: int = 10

        def add(self, amount: int) -> int:
            self.value += amount * self.step
            return self.value

    async with world([add, Counter]) as env:
        assert await (await env.client.start(add("c", 1))).result() == 1
        await env.deploy([add, Newer])
        assert await (await env.client.start(add("c", 1))).result() == 11
        assert await env.client.read_entity(Newer, "c") == Newer(11, 10)
        await env.deploy([add, Counter])
        with pytest.raises(da.SerializationError, match="does not know: 'step'"):
            await (await env.client.start(add("c", 1))).result()
        with pytest.raises(da.SerializationError, match="does not know: 'step'"):
            await env.client.read_entity(Counter, "c")
        await env.deploy([add, Newer])
        assert await (await env.client.start(add("c", 1))).result() == 21


async def test_operations_may_be_async_and_inherited(world: World) -> None:
    """Line 32."""

    @da.orchestrator
    async def uses() -> list[str]:
        ref = da.entity_ref(Log, "l")
        assert await ref.call(Log.note, "a") == 1
        assert await ref.call(Noted.note, "b") == 2
        return await ref.call(Log.all)

    async with world([uses, Log]) as env:
        assert await (await env.client.start(uses())).result() == ["a", "b"]


async def test_a_signal_for_later_is_never_early(world: World) -> None:
    """Line 32: in the order in which signals come due."""

    @da.orchestrator
    async def reminds() -> None:
        ref = da.entity_ref(Log, "l")
        for seconds in (30, 10, 20):
            ref.signal_at(after(seconds), Log.note, f"after {seconds}")
        ref.signal(Log.note, "at once")

    async with world([reminds, Log]) as env:
        await (await env.client.start(reminds())).result()
        for seconds, there in ((5, 1), (10, 2), (10, 3), (4, 3), (1, 4)):
            await env.advance(seconds)
            assert len(await notes(env)) == there
        assert await notes(env) == ["at once", "after 10", "after 20", "after 30"]


async def test_an_entity_may_come_back_to_itself(world: World) -> None:
    """Line 32: operations signal, also their own entity, later."""

    @da.entity
    @attrs.define
    class Clock:
        ticks: list[str] = attrs.field(factory=list)

        def tick(self, left: int) -> None:
            self.ticks.append(f"{da.now():%S}")
            if left:
                later = da.now().replace(second=da.now().second + 2)
                da.entity_ref(Clock, "k").signal_at(later, Clock.tick, left - 1)

    async with world([Clock]) as env:
        await env.client.signal_entity(da.entity_ref(Clock, "k"), Clock.tick, 3)
        await env.advance(60)
        state = await env.client.read_entity(Clock, "k")
        assert state is not None
        assert state.ticks == ["00", "02", "04", "06"]


async def test_an_operation_starts_instances(world: World) -> None:
    """Line 32."""

    @da.entity
    @attrs.define
    class Boss:
        async def hire(self, count: int, fails: bool) -> list[str]:
            refs = [await da.start(add("c", n)) for n in range(count)]
            await da.start(add("c", 100), id="named")
            if fails:
                raise RuntimeError("no money")
            return [ref.id for ref in refs]

    @da.orchestrator
    async def asks(fails: bool) -> list[str]:
        return await da.entity_ref(Boss, "b").call(Boss.hire, 3, fails)

    async with world([asks, add, Boss, Counter]) as env:
        with pytest.raises(RuntimeError, match="no money"):
            await (await env.client.start(asks(True))).result()
        assert await env.client.count(name="add") == 0
        ids = await (await env.client.start(asks(False))).result()
        for each in [*ids, "named"]:
            await env.client.handle(each).result()
        assert await env.client.count(name="add") == 4
        assert await env.client.read_entity(Counter, "c") == Counter(103)


async def test_arguments_are_checked_at_the_call_and_nothing_is_recorded(world: World) -> None:
    """Line 32."""

    @da.orchestrator
    async def careless() -> list[str]:
        said: list[str] = []
        ref: Any = da.entity_ref(Counter, "c")
        for amount in ("5", True, 1.5):
            for attempt in (ref.call, ref.signal):
                try:
                    attempt(Counter.add, amount)
                except da.SerializationError as error:
                    said.append(str(error))
        return said

    async with world([careless, Counter]) as env:
        handle = await env.client.start(careless())
        said = await handle.result()
        assert len(said) == 6
        assert all("argument 'amount' of Counter.add" in each for each in said)
        assert kinds_of(await handle.history(), EntityCalled, EntitySignalled) == []
        with pytest.raises(da.SerializationError):
            await env.client.signal_entity(
                da.entity_ref(Counter, "c"),
                Counter.add,
                "5",  # type: ignore[arg-type]  # what is tried
            )


async def test_references_travel_as_arguments_and_results(world: World) -> None:
    """Line 32."""

    @da.orchestrator
    async def hands_on(ref: da.EntityRef[Counter]) -> da.EntityRef[Counter]:
        await ref.call(Counter.add, 2)
        return ref

    ref = da.entity_ref(Counter, "c")
    async with world([hands_on, Counter]) as env:
        assert await (await env.client.start(hands_on(ref))).result() == ref
        assert await env.client.read_entity(Counter, "c") == Counter(2)


async def test_entities_are_listed_by_type_and_key(world: World) -> None:
    """Line 32."""
    async with world([Counter, Log]) as env:
        for key in ("order-2", "order-1", "other"):
            await env.client.signal_entity(da.entity_ref(Counter, key), Counter.add, 1)
        await env.advance(5)
        await env.client.signal_entity(da.entity_ref(Log, "order-1"), Log.note, "a")
        await env.advance(5)

        async def listed(*args: Any, **kwargs: Any) -> list[tuple[str, str]]:
            found = [each async for each in env.client.list_entities(*args, **kwargs)]
            return [(ref.type, ref.key) for ref, _ in found]

        assert await listed(Counter) == [
            ("Counter", "order-1"),
            ("Counter", "order-2"),
            ("Counter", "other"),
        ]
        assert await listed(Counter, "order-") == [("Counter", "order-1"), ("Counter", "order-2")]
        assert await listed("Log") == [("Log", "order-1")]
        assert len(await listed()) == 4
        assert await listed(key_prefix="order-1") == [("Counter", "order-1"), ("Log", "order-1")]
        times = {ref.key: at async for ref, at in env.client.list_entities(Log)}
        assert times == {"order-1": after(5)}


async def test_many_entities_are_listed_page_by_page(world: World) -> None:
    """Line 32."""
    async with world([Counter]) as env:
        for number in range(230):
            await env.client.signal_entity(
                da.entity_ref(Counter, f"{number:03}"), Counter.add, number
            )
        await env.advance(1)
        keys = [ref.key async for ref, _ in env.client.list_entities(Counter)]
        assert keys == [f"{number:03}" for number in range(230)]


async def test_an_operation_cannot_wait(world: World) -> None:
    """Line 32: it holds up everybody else."""

    @da.entity
    @attrs.define
    class Lazy:
        done: bool = False

        async def sleep(self) -> None:
            self.done = True
            await asyncio.sleep(1)

        async def call(self) -> int:
            self.done = True
            return await da.entity_ref(Counter, "c").call(Counter.add, 1)

    @da.orchestrator
    async def asks() -> list[str]:
        ref = da.entity_ref(Lazy, "z")
        found = await asyncio.gather(
            ref.call(Lazy.sleep), ref.call(Lazy.call), return_exceptions=True
        )
        return [f"{type(each).__name__}: {each}" for each in found]

    async with world([asks, Lazy, Counter]) as env:
        for each in await (await env.client.start(asks())).result():
            assert each.startswith("NotDurableError: an operation cannot wait")
            assert f"{__file__}:" in each
        assert await env.client.read_entity(Lazy, "z") is None


async def test_what_an_operation_does_is_done_once_whatever_dies(world: World) -> None:
    """Line 32: state, result and messages are one commit."""

    @da.orchestrator
    async def counts(rounds: int) -> int:
        total = 0
        for _ in range(rounds):
            total = await da.entity_ref(Counter, "c").call(Counter.add_and_tell, 1, False)
        return total

    async with world([counts, Counter, Log], crash="every-commit") as env:
        handles = [await env.client.start(counts(5)) for _ in range(4)]
        assert max([await handle.result() for handle in handles]) == 20
        await env.advance(1)
        assert await env.client.read_entity(Counter, "c") == Counter(20)
        assert await notes(env) == ["added 1"] * 20


async def test_an_operation_may_run_again_until_its_commit(world: World) -> None:
    """Line 32: it is not replayed, and what it has done to others by then is done."""
    ran: list[int] = []

    @da.entity
    @attrs.define
    class Seen:
        count: int = 0

        def see(self) -> int:
            ran.append(1)
            self.count += 1
            return self.count

    @da.orchestrator
    async def sees() -> int:
        ref = da.entity_ref(Seen, "s")
        await ref.call(Seen.see)
        await asyncio.sleep(10)
        return await ref.call(Seen.see)

    async with world([sees, Seen], crash="every-commit") as env:
        assert await (await env.client.start(sees())).result() == 2
        assert len(ran) >= 2


async def test_a_call_that_is_cancelled_before_its_turn_is_taken_back(world: World) -> None:
    """Line 32."""

    @da.orchestrator
    async def holds() -> None:
        async with da.lock(da.entity_ref(Counter, "c")):
            await da.wait_for_event("go")

    @da.orchestrator
    async def gives_up() -> str:
        try:
            async with asyncio.timeout(10):
                await da.entity_ref(Counter, "c").call(Counter.add, 1)
        except TimeoutError:
            return "given up"
        return "done"

    async with world([holds, gives_up, Counter]) as env:
        holder = await env.client.start(holds())
        await env.advance(1)
        waiting = await env.client.start(gives_up())
        assert await waiting.result() == "given up"
        await holder.raise_event("go")
        await holder.result()
        await env.advance(1)
        assert await env.client.read_entity(Counter, "c") is None


async def test_a_call_shows_what_it_waits_for(world: World) -> None:
    """Line 32."""

    @da.orchestrator
    async def holds() -> None:
        async with da.lock(da.entity_ref(Counter, "c"), "name"):
            await da.wait_for_event("go")

    @da.orchestrator
    async def locks() -> None:
        async with da.lock("name"):
            pass

    async with world([holds, add, locks, Counter]) as env:
        holder = await env.client.start(holds())
        await env.advance(1)
        caller, locker = await env.client.start(add("c", 1)), await env.client.start(locks())
        await env.advance(1)
        for handle, kind in ((caller, "entity"), (locker, "lock")):
            (pending,) = (await handle.state()).pending
            assert pending.kind == kind
            assert pending.line.startswith(f"{__file__}:")
            assert pending.line.rpartition("/")[2] in await handle.stack()
            assert pending.held_by == holder.id
            assert f", held by {holder.id}" in await handle.stack()
        await holder.raise_event("go")
        await asyncio.gather(holder.result(), caller.result(), locker.result())


# ---- critical sections ---------------------------------------------------------------------


@da.orchestrator
async def transfer(source: str, target: str, cents: int) -> bool:
    payer, payee = da.entity_ref(Account, source), da.entity_ref(Account, target)
    async with da.lock(payer, payee):
        try:
            await payer.call(Account.put, -cents)
        except ValueError:
            return False
        await payee.call(Account.put, cents)
    return True


async def total(env: Any) -> int:
    found = 0
    async for ref, _ in env.client.list_entities(Account):
        state = await env.client.read_entity(Account, ref.key)
        assert state is not None
        found += state.cents
    return found


@pytest.mark.parametrize("crash", [None, "every-commit"])
async def test_transfers_under_a_lock_lose_no_money_and_never_wait_in_a_circle(
    world: World, crash: str | None
) -> None:
    """Line 33."""
    chance = random.Random(33)
    names = ["ada", "bob", "eve", "kim"]
    async with world([transfer, Account], crash=crash) as env:
        for name in names:
            await env.client.signal_entity(da.entity_ref(Account, name), Account.put, 50)
        handles = []
        for _ in range(10 if crash else 40):
            source, target = chance.sample(names, 2)
            handles.append(await env.client.start(transfer(source, target, chance.randint(1, 60))))
        done = [await handle.result() for handle in handles]
        assert True in done
        assert await total(env) == 200


async def test_a_transfer_to_the_same_account_locks_it_once(world: World) -> None:
    """Line 33."""
    async with world([transfer, Account]) as env:
        await env.client.signal_entity(da.entity_ref(Account, "ada"), Account.put, 50)
        assert await (await env.client.start(transfer("ada", "ada", 20))).result()
        assert await total(env) == 50


@da.orchestrator
async def holds(key: str, name: str) -> str:
    ref = da.entity_ref(Log, key)
    async with da.lock(ref):
        await ref.call(Log.note, f"{name} begins")
        await da.wait_for_event("go")
        await ref.call(Log.note, f"{name} ends")
    return name


@da.orchestrator
async def note(key: str, what: str) -> int:
    return await da.entity_ref(Log, key).call(Log.note, what)


async def test_nobody_elses_operation_runs_inside_a_section(world: World) -> None:
    """Line 33: calls and signals of others wait, and come in order."""
    async with world([holds, note, Log]) as env:
        holder = await env.client.start(holds("l", "one"))
        await env.advance(1)
        other = await env.client.start(note("l", "other"))
        await env.advance(1)
        await env.client.signal_entity(da.entity_ref(Log, "l"), Log.note, "signal")
        elsewhere = await env.client.start(note("m", "elsewhere"))
        assert await elsewhere.result() == 1
        await env.advance(1)
        assert await notes(env) == ["one begins"]
        await holder.raise_event("go")
        assert await other.result() == 3
        await env.advance(1)
        assert await notes(env) == ["one begins", "one ends", "other", "signal"]


async def test_locks_are_granted_in_the_order_of_their_requests(world: World) -> None:
    """Line 33."""
    async with world([holds, Log]) as env:
        handles = []
        for name in "abc":
            handles.append(await env.client.start(holds("l", name)))
            await env.advance(1)
        for handle in reversed(handles):
            await handle.raise_event("go")
        await asyncio.gather(*(handle.result() for handle in handles))
        assert await notes(env) == [
            f"{name} {what}" for name in "abc" for what in ("begins", "ends")
        ]


async def test_a_request_waits_behind_operations_that_came_before(world: World) -> None:
    """Line 33: it is in the queue like anything else, and holds up what comes behind it."""
    async with world([holds, note, Log]) as env:
        first = await env.client.start(holds("l", "first"))
        await env.advance(1)
        before = await env.client.start(note("l", "before"))
        await env.advance(1)
        second = await env.client.start(holds("l", "second"))
        await env.advance(1)
        behind = await env.client.start(note("l", "behind"))
        await env.advance(1)
        await first.raise_event("go")
        await before.result()
        await env.advance(1)
        assert await notes(env) == ["first begins", "first ends", "before", "second begins"]
        await second.raise_event("go")
        await behind.result()
        assert (await notes(env))[-2:] == ["second ends", "behind"]


async def test_names_are_locked_like_entities(world: World) -> None:
    """Line 33."""
    inside: list[str] = []

    @da.activity
    async def work(name: str) -> None:
        inside.append(name)
        assert len(inside) == 1
        await asyncio.sleep(0)
        inside.remove(name)

    @da.orchestrator
    async def works(name: str) -> str:
        async with da.lock("the-printer"):
            await work(name)
        return name

    async with world([works, work]) as env:
        handles = [await env.client.start(works(f"{number}")) for number in range(5)]
        assert [await handle.result() for handle in handles] == [str(each) for each in range(5)]


@da.orchestrator
async def leaves(how: str, in_flight: bool) -> str:
    ref = da.entity_ref(Log, "l")
    async with da.lock("other", ref):
        call = asyncio.ensure_future(ref.call(Log.note, "in flight")) if in_flight else None
        await asyncio.sleep(0)
        match how:
            case "return":
                return "returned"
            case "exception":
                raise KeyError("raised")
            case "continue":
                da.continue_as_new(leaves("return", False))
            case "timeout":
                async with asyncio.timeout(5):
                    await da.wait_for_event("never")
            case _:
                await da.wait_for_event("never")
        assert call is not None
    return "not reached"


@pytest.mark.parametrize("in_flight", [False, True], ids=["", "in-flight"])
@pytest.mark.parametrize(
    "how", ["return", "exception", "timeout", "cancel", "terminate", "continue", "suspended"]
)
async def test_locks_are_released_on_every_way_out(world: World, how: str, in_flight: bool) -> None:
    """Line 33: also with a call in flight."""
    async with world([leaves, note, Log]) as env:
        handle = await env.client.start(leaves(how, in_flight))
        if how in ("cancel", "terminate", "suspended"):
            await env.advance(1)
            behind = await env.client.start(note("l", "behind"))
            await env.advance(1)
            assert "behind" not in await notes(env)
            if how == "suspended":
                await handle.suspend("for a while")
                await env.advance(1)
                assert "behind" not in await notes(env)
            await (handle.cancel("c") if how == "cancel" else handle.terminate("t"))
        else:
            behind = await env.client.start(note("l", "behind"))
        await handle.wait()
        await behind.result()
        await (await env.client.start(note("l", "again"))).result()
        kept = await notes(env)
        assert [each for each in kept if each != "in flight"] == ["behind", "again"]


async def test_a_wait_for_a_lock_that_is_cancelled_holds_up_nobody(world: World) -> None:
    """Line 33."""

    @da.orchestrator
    async def impatient() -> str:
        try:
            async with (
                asyncio.timeout(5),
                da.lock(da.entity_ref(Log, "k"), da.entity_ref(Log, "l")),
            ):
                return "inside"
        except TimeoutError:
            return "gave up"

    async with world([holds, impatient, note, Log]) as env:
        holder = await env.client.start(holds("l", "one"))
        await env.advance(1)
        handles = [await env.client.start(impatient()) for _ in range(3)]
        await env.advance(1)
        await handles[1].cancel("out")
        await handles[2].terminate("out")
        assert await handles[0].result() == "gave up"
        assert await (await env.client.start(note("k", "free"))).result() == 1
        await holder.raise_event("go")
        await holder.result()
        assert await (await env.client.start(note("l", "free"))).result() == 3


@da.orchestrator
async def wanders(seed: int, rounds: int) -> int:
    chance, done = random.Random(seed), 0
    refs = [da.entity_ref(Log, key) for key in "klm"]
    for _ in range(rounds):
        names: list[da.EntityRef[Log] | str] = [*refs, "x", "y"]
        chosen = chance.sample(names, chance.randint(1, 4))
        try:
            async with asyncio.timeout(chance.uniform(1, 20)), da.lock(*chosen):
                await asyncio.sleep(chance.uniform(0, 5))
                for each in chosen:
                    if isinstance(each, da.EntityRef):
                        await each.call(Log.note, f"{seed}")
            done += 1
        except TimeoutError:
            pass
    if rounds and chance.random() < 0.5:
        async with da.lock(*refs):
            da.continue_as_new(wanders(seed + 1, rounds - 1))
    return done


@pytest.mark.parametrize("seed", range(2))
async def test_whatever_is_done_to_who_holds_them_locks_are_free_in_the_end(
    world: World, seed: int
) -> None:
    """Line 33: cancelled, terminated, suspended, resumed, and crashed in between."""
    chance = random.Random(seed)

    @da.orchestrator
    async def takes_all() -> list[int]:
        refs = [da.entity_ref(Log, key) for key in "klm"]
        async with da.lock(*refs, "x", "y"):
            return [await ref.call(Log.note, "all") for ref in refs]

    async with world([wanders, takes_all, Log]) as env:
        handles = [
            await env.client.start(wanders(seed * 100 + n, chance.randint(1, 4))) for n in range(8)
        ]
        for _ in range(25):
            await env.advance(chance.uniform(0, 4))
            handle = chance.choice(handles)
            if (await handle.state()).status.has_ended:
                continue
            match chance.randint(0, 5):
                case 0:
                    await handle.cancel("chance")
                case 1:
                    await handle.terminate("chance")
                case 2:
                    await handle.suspend("chance")
                case 3:
                    await env.crash()
                case _:
                    await handle.resume("chance")
        for handle in handles:
            if not (await handle.state()).status.has_ended:
                await handle.resume("at last")
            await handle.wait()
        assert len(await (await env.client.start(takes_all())).result()) == 3


async def test_signals_from_inside_wait_for_the_release(world: World) -> None:
    """Line 33."""

    @da.orchestrator
    async def section() -> None:
        ref = da.entity_ref(Log, "l")
        async with da.lock(ref):
            ref.signal(Log.note, "signal")
            da.entity_ref(Log, "m").signal(Log.note, "to another")
            await ref.call(Log.note, "first call")
            await asyncio.sleep(10)
            await ref.call(Log.note, "second call")

    async with world([section, Log]) as env:
        handle = await env.client.start(section())
        await env.advance(5)
        assert await notes(env) == ["first call"]
        assert await notes(env, "m") == ["to another"]
        await handle.result()
        await env.advance(1)
        assert await notes(env) == ["first call", "second call", "signal"]


@da.orchestrator
async def child() -> None: ...


@da.orchestrator
async def misuses(how: str) -> None:
    ref = da.entity_ref(Counter, "c")
    async with da.lock(ref):
        match how:
            case "nested":
                async with da.lock("other"):
                    pass
            case "child":
                await child()
            case "not locked":
                await da.entity_ref(Counter, "d").call(Counter.add, 1)
            case _:
                raise AssertionError(how)


@pytest.mark.parametrize("how", ["nested", "child", "not locked"])
async def test_what_could_wait_for_itself_is_refused_at_once(world: World, how: str) -> None:
    """Line 33."""
    async with world([misuses, child, add, Counter]) as env:
        handle = await env.client.start(misuses(how))
        with pytest.raises(da.LockError, match=f"{__file__}:"):
            await handle.result()
        assert await (await env.client.start(add("c", 1))).result() == 1


# ---- what is wrong -------------------------------------------------------------------------


async def test_an_unknown_operation_fails_its_caller_and_never_hangs(world: World) -> None:
    """Line 34."""

    @da.entity(name="Counter")
    @attrs.define
    class Stub:
        def gone(self) -> int:
            raise NotImplementedError

    @da.orchestrator
    async def asks() -> int:
        ref = da.entity_ref(Stub, "c")
        ref.signal(Stub.gone)
        return await ref.call(Stub.gone)

    async with world([asks, add, Counter]) as env:
        with pytest.raises(AttributeError, match="entity 'Counter' has no operation 'gone'"):
            await (await env.client.start(asks())).result()
        assert await (await env.client.start(add("c", 1))).result() == 1


async def test_a_failing_signal_fails_nobody_and_is_logged(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """Line 34."""
    async with world([add, Account, Counter]) as env:
        with caplog.at_level(logging.WARNING, "durable_async.worker"):
            await env.client.signal_entity(da.entity_ref(Account, "a"), Account.put, -5)
            await env.advance(1)
        assert await env.client.read_entity(Account, "a") is None
        (record,) = [each for each in caplog.records if each.name == "durable_async.worker"]
        assert "entity Account 'a': the signal 'put' failed" in record.message
        assert "ValueError: only 0 left" in record.message
        await env.client.signal_entity(da.entity_ref(Account, "a"), Account.put, 5)
        await env.advance(1)
        assert await env.client.read_entity(Account, "a") == Account(5)


@pytest.mark.parametrize("error", [SystemExit, KeyboardInterrupt, asyncio.CancelledError])
async def test_whatever_an_operation_raises_the_worker_lives(
    world: World, error: type[BaseException]
) -> None:
    """Line 34."""

    @da.entity
    @attrs.define
    class Bomb:
        count: int = 0

        def explode(self) -> None:
            self.count += 1
            raise error("boom")

        def get(self) -> int:
            return self.count

    @da.orchestrator
    async def asks() -> list[Any]:
        ref = da.entity_ref(Bomb, "b")
        try:
            await ref.call(Bomb.explode)
        except da.RemoteError as remote:
            return [remote.message, await ref.call(Bomb.get)]
        return ["not reached"]

    async with world([asks, Bomb]) as env:
        assert await (await env.client.start(asks())).result() == ["boom", 0]


async def test_an_entity_that_nobody_here_runs_is_named(world: World) -> None:
    """Lines 3 and 34."""
    async with world([add]) as env:
        handle = await env.client.start(add("c", 1))
        with pytest.raises(da.NotRegisteredError, match="'Counter'"):
            await handle.result()
        await env.deploy([add, Counter])
        assert await handle.result() == 1
