"""How each dialect says what the rules advise. Invariant: no rule spells a dialect's name itself.

A dialect is the library whose orchestrators are read: `durable_async`, or one that a code base has
not left yet. Advice that its users cannot type would be worse than none.
"""

from typing import Final, NamedTuple

from durable_lint.reach.observations import Observation

__all__ = ["Words", "is_ours", "words_of"]


class Words(NamedTuple):
    """Each field is a piece of a message.

    now: an expression, an aware datetime in UTC. sleep, random, uuid, restart: expressions.
    outside: one that waits for what a human or another system gives. await_: the keyword that
    waits. log, activity, once: half a sentence, how to write what replay does not write again,
    what to do with I/O, and how a small value from outside is recorded. shared: where state is
    that instances share.
    """

    now: str
    sleep: str
    random: str
    uuid: str
    log: str
    activity: str
    once: str
    outside: str
    await_: str
    restart: str
    shared: str


_OURS: Final = "durable_async"
_DIALECTS: Final[dict[str, Words]] = {
    _OURS: Words(
        now="durable_async.now()",
        sleep="await asyncio.sleep(...)",
        random="durable_async.random()",
        uuid="durable_async.uuid4()",
        log="use `durable_async.get_logger(__name__)`",
        activity="do it in an activity, and await that",
        once="pass it in as an argument, or record it by `durable_async.side_effect(...)`",
        outside="await durable_async.wait_for_event(...)",
        await_="await",
        restart="durable_async.continue_as_new(...)",
        shared="an entity",
    ),
    "temporalio": Words(
        now="workflow.now()",
        sleep="await asyncio.sleep(...)",
        random="workflow.random()",
        uuid="workflow.uuid4()",
        log="use `workflow.logger`",
        activity="do it in an activity, and await `workflow.execute_activity(...)`",
        once="pass it in as an argument, or get it by a local activity",
        outside="await workflow.wait_condition(...)",
        await_="await",
        restart="workflow.continue_as_new(...)",
        shared="a database that activities use",
    ),
    "durabletask": Words(
        now="context.current_utc_datetime",
        sleep="yield context.create_timer(...)",
        random="random.Random(context.instance_id)",
        uuid="context.new_uuid()",
        log="log only under `if not context.is_replaying`",
        activity="do it in an activity, and `yield context.call_activity(...)`",
        once="pass it in as the input, or get it from an activity",
        outside="yield context.wait_for_external_event(...)",
        await_="yield",
        restart="context.continue_as_new(...)",
        shared="an entity",
    ),
}


def words_of(seen: Observation) -> Words:
    """The words of the dialect in which something was seen; unknown ones speak our own."""
    return _DIALECTS.get(seen.dialect, _DIALECTS[_OURS])


def is_ours(seen: Observation) -> bool:
    """Whether it is code for `durable_async`: `--fix` mends no other, nor does the vocabulary
    advise it."""
    return seen.dialect == _OURS
