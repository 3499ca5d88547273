"""Entities as users write and call them: on the core alone, kept and rebuilt."""

import asyncio
import pickle
import re
import sys
import types
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any

import attrs
import pytest
from tests.unit.core.scripts import T0, started
from tests.unit.dsl.driving import both, failure, result, run

import durable_async as da
from durable_async.convert.failures import failure_of_exception
from durable_async.convert.values import Converter
from durable_async.core.episode import Execution
from durable_async.dsl.code import code_for
from durable_async.dsl.entities import definition_of
from durable_async.dsl.registry import Registry
from durable_async.model.commands import (
    CallEntity,
    CancelEntityCall,
    ReleaseLock,
    RequestLock,
    SignalEntity,
)
from durable_async.model.history import (
    CallCompleted,
    CallFailed,
    EntityCalled,
    LockRequested,
    TimerFired,
)
from durable_async.model.identity import EntityId
from durable_async.model.payload import Payload


class Addable:
    """A base whose methods are operations too."""

    total: int

    def add(self, amount: int, *, twice: bool = False) -> int:
        self.total += amount * (2 if twice else 1)
        return self.total


@da.entity
@attrs.define
class Counter(Addable):
    total: int = 0

    async def slow_add(self, amount: int) -> int:
        return self.add(amount)

    def reset(self) -> None:
        da.delete_entity()

    def _hidden(self) -> None: ...

    @staticmethod
    def helper() -> None: ...


@da.entity(name="shop.Cart")
@attrs.define
class Cart:
    owner: "da.EntityRef[Counter] | None" = None
    lines: dict[str, int] = attrs.field(factory=dict)

    def put(self, article: str, count: int = 1) -> dict[str, int]:
        self.lines[article] = self.lines.get(article, 0) + count
        return self.lines


C = EntityId("Counter", "c")
K = EntityId("shop.Cart", "k")


# ---- the class -------------------------------------------------------------------------------


def test_an_entity_is_the_plain_class_that_it_was() -> None:
    counter = Counter(total=3)
    assert counter.add(4) == 7
    assert counter == Counter(total=7)
    assert asyncio.run(counter.slow_add(1)) == 8


def test_its_public_methods_are_its_operations_inherited_ones_too() -> None:
    definition = definition_of(Counter)
    assert definition is not None
    assert definition.name == "Counter"
    assert list(definition.operations) == ["add", "reset", "slow_add"]
    assert repr(definition).startswith(f"<entity 'Counter' at {__file__}:")


def test_its_name_may_be_chosen() -> None:
    assert da.entity_ref(Cart, "k").type == "shop.Cart"
    with pytest.raises(ValueError, match="must not be empty"):
        da.entity(name="")


def test_a_subclass_is_no_entity_by_inheritance() -> None:
    @attrs.define
    class Derived(Counter):
        more: int = 0

    assert definition_of(Derived) is None
    assert definition_of(da.entity(Derived)) is not None


def _generator() -> type:
    @attrs.define
    class Items:
        items: list[int] = attrs.field(factory=list)

        def each(self) -> Iterator[int]:
            yield from self.items

    return Items


def _async_generator() -> type:
    @attrs.define
    class Items:
        async def each(self) -> AsyncIterator[int]:
            yield 1

    return Items


def _plain() -> type:
    class Plain:
        value = 0

    return Plain


def _derived() -> type:
    class Derived(Counter):
        more: int = 0

    return Derived


def _frozen() -> type:
    @attrs.frozen
    class Frozen:
        value: int = 0

    return Frozen


def _without_default() -> type:
    @attrs.define
    class Bare:
        value: int

    return Bare


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (_plain, "write `@da.entity`, and in the line below it `@attrs.define`"),
        (_derived, "is no attrs class"),
        (_frozen, "write @attrs.define instead of @attrs.frozen"),
        (_without_default, "the field 'value' of the entity .*Bare has no default"),
        (_generator, "'each' of the entity .*Items is a generator"),
        (_async_generator, "'each' of the entity .*Items is a generator"),
        (lambda: lambda: None, "stands on a class"),
        (lambda: 3, "stands on a class"),
    ],
)
def test_what_cannot_be_an_entity_is_refused_where_it_is_written(made: Any, words: str) -> None:
    with pytest.raises(TypeError, match=words):
        da.entity(made())
    with pytest.raises(TypeError, match=words):
        da.entity(name="named")(made())


def test_a_class_that_sets_its_attributes_its_own_way_can_be_one() -> None:
    @attrs.define
    class Own:
        value: int = 0

        def __setattr__(self, name: str, value: object) -> None:
            raise OSError("not now")

    assert da.entity(Own) is Own


# ---- references ------------------------------------------------------------------------------


def test_references_are_equal_by_type_and_key() -> None:
    one, two = da.entity_ref(Counter, "c"), da.entity_ref(Counter, "c")
    assert one == two
    assert hash(one) == hash(two)
    assert one != da.entity_ref(Counter, "d")
    assert one != "c"
    assert one.id == C
    assert repr(one) == "<entity 'Counter' 'c'>"
    assert pickle.loads(pickle.dumps(one)) == one  # our own bytes


@pytest.mark.parametrize("key", ["", "a\nb", "\udc80", "x" * 256])
def test_a_key_that_cannot_be_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="key"):
        da.entity_ref(Counter, key)


def test_a_set_of_references_iterates_alike_in_every_process() -> None:
    assert hash(da.entity_ref(Counter, "c")) == 118998335


def test_a_reference_needs_an_entity_and_a_text() -> None:
    with pytest.raises(TypeError, match=r"write .*@da.entity"):
        da.entity_ref(Addable, "c")
    with pytest.raises(TypeError, match="must be a str"):
        da.entity_ref(Counter, 5)  # type: ignore[arg-type]  # tried


def test_a_reference_has_a_stored_form_and_comes_back_with_its_class() -> None:
    converter = Converter()
    ref = da.entity_ref(Counter, "c")
    payload = Payload(b'{"type":"Counter","key":"c"}')
    for hint in (da.EntityRef[Counter], da.EntityRef[Any], da.EntityRef, Any):
        assert converter.encode(ref, hint, what="it") == payload
    back = converter.decode(payload, da.EntityRef[Counter], what="it")
    assert back == ref
    assert back.definition is definition_of(Counter)
    bare = converter.decode(payload, da.EntityRef, what="it")
    assert bare == ref
    assert bare.definition is None


@pytest.mark.parametrize(
    "value", [da.entity_ref(Cart, "k"), "Counter", {"type": "Counter", "key": "c"}]
)
def test_a_reference_to_something_else_does_not_fit(value: object) -> None:
    with pytest.raises(da.SerializationError, match=r"EntityRef\[Counter\]"):
        Converter().encode(value, da.EntityRef[Counter], what="it")


@pytest.mark.parametrize(
    "stored",
    [
        b'{"type":"shop.Cart","key":"k"}',
        b'{"type":"Counter"}',
        b'{"type":"Counter","key":"c","more":1}',
        b'"Counter"',
    ],
)
def test_a_stored_form_of_something_else_does_not_fit(stored: bytes) -> None:
    with pytest.raises(da.SerializationError, match=r"EntityRef\[Counter\]"):
        Converter().decode(Payload(stored), da.EntityRef[Counter], what="it")


def test_a_state_may_hold_references() -> None:
    definition = definition_of(Cart)
    assert definition is not None
    states = definition.states(Converter())
    cart = Cart(owner=da.entity_ref(Counter, "c"), lines={"tea": 1})
    assert states.decode(states.encode(cart)) == cart


# ---- calls -----------------------------------------------------------------------------------


def called(number: int, operation: str, input: bytes, **more: Any) -> CallEntity:
    return CallEntity(
        number=number,
        entity=more.pop("entity", C),
        operation=operation,
        input=Payload(input),
        fingerprint=more.pop("fingerprint", 0),
        **more,
    )


def without_lines(commands: tuple[Any, ...]) -> list[Any]:
    kept = []
    for command in commands:
        names = {field.name for field in attrs.fields(type(command))} & {"line", "fingerprint"}
        kept.append(attrs.evolve(command, **{n: "" if n == "line" else 0 for n in names}))
    return kept


@da.orchestrator
async def adds() -> list[int]:
    ref = da.entity_ref(Counter, "c")
    first = await ref.call(Counter.add, 5)
    second = await asyncio.create_task(ref.call(Counter.add, 1, twice=True))
    (third,) = await asyncio.gather(ref.call(Counter.slow_add, 2))
    return [first, second, third]


def test_a_call_is_recorded_where_it_is_awaited_and_answered() -> None:
    _, first = run(adds)
    assert without_lines(first.commands) == [called(0, "add", b"[5]")]
    (event,) = [each for each in first.events if isinstance(each, EntityCalled)]
    assert event.line.startswith(f"{__file__}:")
    assert event.fingerprint != 0
    news = [CallCompleted(number=n, result=Payload(b"%d" % (5 + n))) for n in range(3)]
    _, second = run(adds, news[0])
    assert without_lines(second.commands) == [
        called(1, "add", b'{"args":[1],"kwargs":{"twice":true}}')
    ]
    assert result(both(adds, *news)) == [5, 6, 7]


def test_a_failure_arrives_as_the_exception_that_was_raised() -> None:
    @da.orchestrator
    async def tries() -> str:
        try:
            await da.entity_ref(Counter, "c").call(Counter.add, 5)
        except ZeroDivisionError as error:
            return str(error)
        return "no"

    raised = failure_of_exception(ZeroDivisionError("by nobody"), converter=Converter())
    assert result(both(tries, CallFailed(number=0, failure=raised))) == "by nobody"


def test_cancelling_the_await_takes_the_call_back() -> None:
    @da.orchestrator
    async def gives_up() -> str:
        task = asyncio.create_task(da.entity_ref(Counter, "c").call(Counter.add, 5))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        return "given up"

    outcome = both(gives_up)
    assert result(outcome) == "given up"
    assert outcome.commands[1:] == (CancelEntityCall(number=0, entity=C),)


def test_signals_are_issued_at_once_and_nobody_waits() -> None:
    when = datetime(2026, 5, 1, 12, tzinfo=UTC)

    @da.orchestrator
    async def tells() -> None:
        ref = da.entity_ref(Counter, "c")
        ref.signal(Counter.add, 5)
        ref.signal_at(when.astimezone(), Counter.reset)
        da.entity_ref(Cart, "k").signal(Cart.put, "tea")

    outcome = both(tells)
    assert without_lines(outcome.commands) == [
        SignalEntity(number=0, entity=C, operation="add", input=Payload(b"[5]")),
        SignalEntity(number=1, entity=C, operation="reset", input=Payload(b"[]"), due=when),
        SignalEntity(number=2, entity=K, operation="put", input=Payload(b'["tea"]')),
    ]
    assert all(each.line.startswith(f"{__file__}:") for each in outcome.commands)  # type: ignore[union-attr]


@da.orchestrator
async def misuses(how: str) -> None:
    ref = da.entity_ref(Counter, "c")
    match how:
        case "hint":
            ref.call(Counter.add, "five")  # type: ignore[call-overload]
        case "signal hint":
            ref.signal(Counter.add, "five")  # type: ignore[arg-type]
        case "signature":
            ref.call(Counter.add)  # type: ignore[call-overload]
        case "naive":
            ref.signal_at(datetime(2026, 1, 1), Counter.reset)
        case "hidden":
            ref.call(Counter._hidden)
        case "hidden by name":
            Converter().decode(
                Payload(b'{"type":"Counter","key":"c"}'), da.EntityRef, what=""
            ).call(_hidden)
        case "static":
            ref.call(Counter.helper)  # type: ignore[call-overload]
        case "bound":
            ref.call(Counter().add, 5)  # type: ignore[call-overload]
        case "name":
            ref.signal("add", 5)  # type: ignore[arg-type]
        case "of another":
            ref.call(Cart.put, "tea")  # type: ignore[call-overload]
        case _:
            raise AssertionError(how)


def _hidden(self: Counter) -> None: ...


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("hint", "SerializationError: argument 'amount' of Counter.add is 'five'"),
        ("signal hint", "SerializationError: argument 'amount' of Counter.add is 'five'"),
        ("signature", "TypeError: Addable.add.. missing 1 required positional argument"),
        ("naive", "ValueError: the moment of signal_at .* names no time zone"),
        ("hidden", "AttributeError: entity 'Counter' has no operation '_hidden'.*add, reset"),
        ("hidden by name", "AttributeError: entity 'Counter' has no operation '_hidden'"),
        ("static", "AttributeError: entity 'Counter' has no operation 'helper'"),
        ("bound", "TypeError: an operation is a method of the entity's class"),
        ("name", "TypeError: an operation is a method of the entity's class"),
        ("of another", "AttributeError: entity 'Counter' has no operation 'put'"),
    ],
)
def test_what_cannot_be_asked_is_refused_on_its_line_and_nothing_is_recorded(
    how: str, words: str
) -> None:
    @da.orchestrator
    async def misuse() -> None:
        await misuses.fn(how)

    outcome = both(misuse)
    assert outcome.commands == ()
    assert re.search(words, failure(outcome)), failure(outcome)


def test_a_reference_that_came_as_an_argument_knows_its_operations() -> None:
    @da.orchestrator
    async def calls() -> None:
        bare = Converter().decode(Payload(b'{"type":"Counter","key":"c"}'), da.EntityRef, what="it")
        bare.signal(Counter.slow_add, 1)
        bare.signal(Counter.add, 5)
        assert bare.definition is definition_of(Counter)
        other = Converter().decode(Payload(b'{"type":"Else","key":"c"}'), da.EntityRef, what="it")
        other.signal(Counter.add, 5)
        assert other.definition is None

    outcome = both(calls)
    assert [getattr(each, "operation", None) for each in outcome.commands] == [
        "slow_add",
        "add",
        "add",
    ]


def test_a_call_is_used_once_and_says_what_it_is() -> None:
    said: list[str] = []

    @da.orchestrator
    async def twice() -> None:
        call = da.entity_ref(Counter, "c").call(Counter.add, 5)
        said.append(repr(call))
        await call
        await call

    outcome = both(twice, CallCompleted(number=0, result=Payload(b"5")))
    assert "RuntimeError: the call of operation 'Counter.add' made at" in failure(outcome)
    assert said[0].startswith(f"<call of operation 'Counter.add' made at {__file__}:")


def test_a_call_that_nobody_awaits_is_warned_of_with_its_line() -> None:
    @da.orchestrator
    async def forgets() -> None:
        da.entity_ref(Counter, "c").call(Counter.add, 5)

    with pytest.warns(RuntimeWarning, match=r"operation 'Counter.add' made at .* never awaited"):
        run(forgets)


def test_outside_an_orchestrator_entities_are_asked_through_a_client() -> None:
    ref = da.entity_ref(Counter, "c")
    for attempt in (
        lambda: ref.call(Counter.add, 5),
        lambda: ref.signal(Counter.add, 5),
        lambda: ref.signal_at(datetime.now(UTC), Counter.reset),
    ):
        with pytest.raises(da.OutsideOrchestratorError, match=r"client\.signal_entity"):
            attempt()
    with pytest.raises(da.OutsideOrchestratorError, match=r"da\.lock"):
        da.lock(ref)
    with pytest.raises(da.OutsideOrchestratorError, match="inside an operation"):
        da.delete_entity()


def test_a_call_that_is_awaited_elsewhere_is_refused() -> None:
    kept: list[Any] = []

    @da.orchestrator
    async def leaks() -> None:
        kept.append(da.entity_ref(Counter, "c").call(Counter.add, 5))

    run(leaks)

    async def elsewhere() -> None:
        await kept[0]

    with pytest.raises(da.OutsideOrchestratorError):
        asyncio.run(elsewhere())


def test_what_a_client_sends_is_checked_likewise() -> None:
    ref = da.entity_ref(Counter, "c")
    assert ref.encode(Counter.add, (5,), {}, Converter()) == ("add", Payload(b"[5]"))
    with pytest.raises(da.SerializationError):
        ref.encode(Counter.add, ("five",), {}, Converter())


# ---- critical sections -----------------------------------------------------------------------

GRANTED = CallCompleted(number=0)


@da.orchestrator
async def transfers() -> int:
    source, target = da.entity_ref(Counter, "a"), da.entity_ref(Counter, "b")
    async with da.lock(target, source, "bank", source):
        left = await source.call(Counter.add, -5)
        target.signal(Counter.add, 5)
    await source.call(Counter.add, 0)
    return left


def test_locks_are_asked_for_sorted_and_each_once() -> None:
    _, outcome = run(transfers)
    assert without_lines(outcome.commands) == [
        RequestLock(
            number=0,
            entities=(EntityId("", "bank"), EntityId("Counter", "a"), EntityId("Counter", "b")),
        )
    ]
    (event,) = [each for each in outcome.events if isinstance(each, LockRequested)]
    assert event.line.startswith(f"{__file__}:")


def test_calls_inside_say_which_lock_they_are_a_part_of() -> None:
    _, outcome = run(transfers, GRANTED)
    assert [getattr(each, "lock", "none") for each in outcome.commands] == [0]


def test_the_locks_are_given_back_and_later_calls_are_outside() -> None:
    _, outcome = run(transfers, GRANTED, CallCompleted(number=1, result=Payload(b"7")))
    signal, release, call = outcome.commands
    assert isinstance(signal, SignalEntity)
    assert release == ReleaseLock(number=0)
    assert isinstance(call, CallEntity)
    assert call.lock is None


def cancel_this_task() -> None:
    task = asyncio.current_task()
    assert task is not None
    task.cancel()


def leaves(how: str) -> da.Orchestrator[[], Any]:
    @da.orchestrator
    async def leaving() -> str:
        ref = da.entity_ref(Counter, "c")

        async def inside() -> str:
            async with da.lock(ref):
                match how:
                    case "return":
                        return "returned"
                    case "exception":
                        raise ValueError("raised")
                    case "break":
                        while True:
                            async with da.lock("never"):
                                break
                    case "cancel":
                        cancel_this_task()
                        await asyncio.sleep(1)
                    case "cancel a call":
                        call = asyncio.create_task(ref.call(Counter.add, 5))
                        await asyncio.sleep(0)
                        cancel_this_task()
                        await call
                    case _:
                        raise AssertionError(how)
            return "not reached"

        try:
            return await asyncio.create_task(inside())
        except (ValueError, da.LockError, asyncio.CancelledError) as error:
            return type(error).__name__

    return leaving


@pytest.mark.parametrize(
    ("how", "end"),
    [
        ("return", "returned"),
        ("exception", "ValueError"),
        ("break", "LockError"),
        ("cancel", "CancelledError"),
        ("cancel a call", "CancelledError"),
    ],
)
def test_the_locks_are_given_back_on_every_way_out(how: str, end: str) -> None:
    outcome = both(leaves(how), GRANTED)
    assert result(outcome) == end
    assert outcome.commands[-1] == ReleaseLock(number=0)
    assert [each for each in outcome.commands if isinstance(each, ReleaseLock)] == [
        ReleaseLock(number=0)
    ]


def test_a_wait_for_locks_that_is_cancelled_takes_the_request_back() -> None:
    @da.orchestrator
    async def impatient() -> str:
        try:
            async with asyncio.timeout(10), da.lock("slow"):
                return "got it"
        except TimeoutError:
            return "too slow"

    outcome = both(impatient, TimerFired(number=0))
    assert result(outcome) == "too slow"
    assert outcome.commands == (ReleaseLock(number=1),)


def test_a_lock_that_is_granted_in_the_step_of_the_cancel_is_given_back() -> None:
    @da.orchestrator
    async def racing() -> str:
        async def section() -> None:
            async with da.lock("x"):
                raise AssertionError("inside")

        async def rival() -> None:
            async with da.lock("y"):
                task.cancel()

        task = asyncio.create_task(section())
        await asyncio.sleep(0)
        # Both are granted before any of them runs on: the rival is the first to.
        await asyncio.gather(rival(), task, return_exceptions=True)
        return "done"

    outcome = both(racing, CallCompleted(number=1))
    assert result(outcome) == "done"
    assert set(outcome.commands) == {ReleaseLock(number=0), ReleaseLock(number=1)}


@da.orchestrator
async def child() -> None: ...


def inside(how: str) -> da.Orchestrator[[], Any]:
    @da.orchestrator
    async def section() -> None:
        ref = da.entity_ref(Counter, "c")

        async def nested() -> None:
            async with da.lock("other"):
                pass

        async with da.lock(ref):
            match how:
                case "nested":
                    await nested()
                case "nested in a task":
                    await asyncio.create_task(nested())
                case "the same again":
                    async with da.lock(ref):
                        pass
                case "child":
                    await child()
                case "another entity":
                    await da.entity_ref(Counter, "d").call(Counter.add, 5)
                case "another entity in a group":
                    async with asyncio.TaskGroup() as group:
                        group.create_task(da.entity_ref(Counter, "d").call(Counter.add, 5))
                case _:
                    raise AssertionError(how)

    return section


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("nested", "da.lock is used at"),
        ("nested in a task", "da.lock is used at"),
        ("the same again", "da.lock is used at"),
        ("child", "orchestrator 'child' is called at"),
        ("another entity", "<entity 'Counter' 'd'> is called at"),
        ("another entity in a group", "unhandled errors in a TaskGroup"),
    ],
)
def test_what_could_wait_for_itself_is_refused_inside(how: str, words: str) -> None:
    outcome = both(inside(how), GRANTED)
    said = failure(outcome)
    assert words in said
    if "ExceptionGroup" not in said:
        assert "LockError" in said
        assert "Counter 'c'" in said
        assert said.count(f"{__file__}:") == 2  # this line, and where the section began
    assert outcome.commands == (ReleaseLock(number=0),)


def test_a_section_is_used_once() -> None:
    @da.orchestrator
    async def again() -> None:
        section = da.lock("x")
        async with section:
            pass
        assert repr(section).startswith("<critical section at ")
        async with section:
            pass

    assert "LockError: the critical section made at" in failure(both(again, GRANTED))


def test_a_task_that_outlives_its_section_is_outside() -> None:
    @da.orchestrator
    async def outlives() -> None:
        ref = da.entity_ref(Counter, "c")
        released = asyncio.Event()

        async def later() -> None:
            await released.wait()
            await ref.call(Counter.add, 5)
            async with da.lock("other"):
                pass

        async with da.lock(ref):
            task = asyncio.create_task(later())
            await asyncio.sleep(0)
        released.set()
        await task

    _, outcome = run(outlives, GRANTED)
    release, call = outcome.commands
    assert release == ReleaseLock(number=0)
    assert isinstance(call, CallEntity)
    assert call.lock is None
    news = (GRANTED, CallCompleted(number=1, result=Payload(b"5")), CallCompleted(number=2))
    assert result(both(outlives, *news)) is None


def test_sections_in_other_tasks_are_not_nested() -> None:
    @da.orchestrator
    async def side_by_side() -> str:
        async def section(name: str) -> None:
            async with da.lock(name):
                await asyncio.sleep(0)

        await asyncio.gather(section("a"), section("b"))
        return "both"

    assert result(both(side_by_side, GRANTED, CallCompleted(number=1))) == "both"


def test_a_section_in_an_exit_stack_lasts_until_it_is_closed() -> None:
    @da.orchestrator
    async def stacked() -> None:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(da.lock("x"))
            async with da.lock("y"):
                pass

    assert "LockError" in failure(both(stacked, GRANTED))


@pytest.mark.parametrize(
    ("names", "error", "words"),
    [
        ((), ValueError, "locks nothing"),
        (("",), ValueError, "must not be empty"),
        ((5,), TypeError, "is neither"),
        ((Counter,), TypeError, "is neither"),
    ],
)
def test_locks_of_nothing_are_refused(
    names: tuple[Any, ...], error: type[Exception], words: str
) -> None:
    @da.orchestrator
    async def locks() -> None:
        async with da.lock(*names):
            pass

    assert failure(both(locks)).startswith(error.__name__) or words in failure(both(locks))
    assert words in failure(both(locks))


def test_an_eviction_inside_a_section_asks_for_nothing() -> None:
    history, outcome = run(transfers, GRANTED)
    assert outcome.ended is None
    assert [type(each).__name__ for each in history].count("LockReleased") == 0


# ---- registry --------------------------------------------------------------------------------


def test_a_registry_knows_entities_by_name() -> None:
    registry = Registry.of([Counter, Cart])
    assert registry.entity_names == {"Counter", "shop.Cart"}
    assert registry.entity("shop.Cart") is definition_of(Cart)
    assert registry.entity("Cart") is None


def test_two_entities_of_one_name_are_refused_with_both_lines() -> None:
    @da.entity(name="Counter")
    @attrs.define
    class Other:
        value: int = 0

    assert Registry.of([Counter, Counter]).entity_names == {"Counter"}
    with pytest.raises(ValueError, match=rf"entity 'Counter' is defined twice, at {__file__}:"):
        Registry.of([Counter, Other])


def test_a_module_gives_its_entities() -> None:
    module = types.ModuleType("some_entities")
    vars(module).update(Counter=Counter, Alias=Counter, Cart=Cart, other=Addable)
    assert Registry.of([module]).entity_names == {"Counter", "shop.Cart"}
    assert "some_entities" not in sys.modules


def test_a_class_that_is_no_entity_is_refused() -> None:
    with pytest.raises(TypeError, match=r"write @da\.entity above"):
        Registry.of([Addable])


def test_a_registry_learns_entities() -> None:
    registry = Registry.of([child])
    before = registry.entity_names
    registry.learn(definition_of(Counter))
    assert registry.entity_names == {"Counter"}
    learnt = registry.entity_names
    assert learnt is not before
    registry.learn(definition_of(Counter))
    assert registry.entity_names is learnt


def test_definitions_are_learnt_as_entities_are_asked() -> None:
    for orchestrator in (adds, asks_by_signal):
        found: list[object] = []
        execution = Execution(code_for(orchestrator, Converter()), learn=found.append)
        execution.run([started()], (), T0)
        execution.close()
        assert definition_of(Counter) in found


@da.orchestrator
async def asks_by_signal() -> None:
    da.entity_ref(Counter, "c").signal(Counter.add, 5)
