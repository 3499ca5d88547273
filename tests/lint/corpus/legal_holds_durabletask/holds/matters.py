import importlib
import logging
from datetime import timedelta
from typing import Any, Generator, Optional

import structlog
from durabletask import task, worker

from holds import custodians as people
from holds.custodians import Custodian, Roster, Source

log = structlog.get_logger("holds")
plain = logging.getLogger(__name__)

NAGS = 3
HANDLERS = {Source.MAIL: "collect_mail", Source.CHAT: "collect_chat", Source.DISK: "collect_disk"}


def collect(ctx: task.ActivityContext, order: dict) -> int:
    from holds import store

    documents = store.search(order["matter"], order["name"])
    with open(f"/evidence/{order['matter']}", "a") as out:
        out.write(repr(documents))
    return len(documents)


def remind(ctx: task.ActivityContext, name: str) -> None:
    print(f"reminding {name}")


def _acknowledge(
    ctx: task.OrchestrationContext, person: Custodian
) -> Generator[task.Task, Any, bool]:
    for _ in range(NAGS):
        event = ctx.wait_for_external_event(f"ack-{person.name}")
        timer = ctx.create_timer(timedelta(days=7))
        winner = yield task.when_any([event, timer])
        if winner is event:
            return True
        yield ctx.call_activity(remind, input=person.name)
    return False


def _plan(roster: Roster) -> list[dict]:
    orders = []
    for person in roster:
        for source in person.wanted():
            orders.append({"name": person.name, "how": HANDLERS[source], "matter": roster.matter})
    return orders


def _formula(name: str, scope: dict) -> int:
    exec(name, scope)  # expect: DUR142
    return int(scope["result"])


def _goals(name: str) -> Optional[Any]:
    try:
        return importlib.import_module(f"holds.goals.{name}")  # expect: DUR142
    except ImportError:
        return None


def collect_matter(ctx: task.OrchestrationContext, order: dict) -> Generator[task.Task, Any, dict]:
    from holds.store import compress, count_documents, scan

    roster = Roster.of(order["matter"], [Custodian(name) for name in order["names"]])
    for person in roster:
        person.acknowledged = yield from _acknowledge(ctx, person)
    if not ctx.is_replaying:
        plain.info("%s: %s", order["matter"], roster.tally())
    counts = yield task.when_all([ctx.call_activity(collect, input=one) for one in _plan(roster)])
    ctx.call_activity(remind, input="counsel")  # expect: DUR133
    log.warning("collected", total=sum(counts))  # expect: DUR143
    if count_documents(order["matter"]) != sum(counts):
        for path in roster[order["names"][0]].disk_paths():
            compress(path)
            scan(path)
    goals = _goals(order["kind"])
    return {
        "counts": counts,
        "print": people.fingerprint(order["names"]),
        "stamp": people.stamp(),
        "pairs": people.pairs(order["names"]),
        "formula": _formula(order["formula"], {"counts": counts}),
        "goals": bool(goals),
    }


def release_hold(ctx: task.OrchestrationContext, matter: str):
    approved = yield ctx.wait_for_external_event("approved")
    if approved:
        yield ctx.call_sub_orchestrator(collect_matter, input={"matter": matter, "names": []})
    rounds = 0
    while True:
        rounds += 1
        done = yield ctx.call_activity(collect, input={"matter": matter, "name": ""})
        if rounds > 50:
            ctx.continue_as_new(matter)
            return done
        yield ctx.create_timer(timedelta(hours=6))


def watch_matter(ctx: task.OrchestrationContext, matter: str):
    while True:  # expect: DUR151
        yield ctx.create_timer(timedelta(days=1))
        yield ctx.call_activity(remind, input=matter)


def run_worker() -> None:
    with worker.TaskHubGrpcWorker() as hub:
        hub.add_orchestrator(collect_matter)
        hub.add_orchestrator(release_hold)
        hub.add_orchestrator(watch_matter)
        hub.add_activity(collect)
        hub.add_activity(remind)
        hub.start()
        input("stop?")
