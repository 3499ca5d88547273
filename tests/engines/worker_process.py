"""A process at work on a SQLite file, for tests that kill it. It says on standard output what was
acknowledged, a line at a time; each line is out before the next commit begins.

    worker_process.py steps PATH            instances of one activity after another, for ever
    worker_process.py fill PATH KIB         the same, until the store refuses, as no file may grow
                                            larger; then says why
    worker_process.py hold PATH             takes what is there, and waits
    worker_process.py fork PATH             the same, with a child that ends with standard input
    worker_process.py share PATH NAME N     N instances of three activities, with others at work
"""

import os
import resource
import signal
import sys
import time
from itertools import count

from durable_async.engines.sqlite import SqliteEngine
from durable_async.errors import StoreError
from durable_async.model.history import ActivityCompleted
from durable_async.model.status import ENDED, RuntimeStatus
from durable_async.model.work import ActivityReport, AttemptSucceeded, InstanceQuery, Receipt
from durable_async.testing.parties import (
    Party,
    activity,
    completed,
    create,
    delivered,
    event,
    value,
)

ACTIVITIES = 3
LIVE = InstanceQuery(status=frozenset(RuntimeStatus) - ENDED)


def say(*words: object) -> None:
    print(*words, flush=True)


def steps(party: Party, pad: str = "") -> None:
    for number in count():
        name = f"i{number}"
        claimed = party.start(name, input=value(f'"{pad}"'))
        say("started", name)
        task = party.run(claimed, activity(0)).activities[0]
        woken = party.report(task, AttemptSucceeded(value(str(number)))).claimed[0]
        say("reported", name)
        party.commit(claims=False, messages=[event(name, data=value(f'"{pad}"'))])
        say("raised", name)
        if number % 2:
            party.run(woken, ended=completed(str(number)))
            say("ended", name)


def fill(party: Party, kib: int) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (kib * 1024, resource.RLIM_INFINITY))
    try:
        steps(party, pad="x" * 2_000)
    except StoreError as error:
        say("refused", error)


def hold(party: Party, *, forks: bool = False) -> None:
    receipt = party.commit()
    if forks and os.fork() == 0:
        sys.stdin.read()
        os._exit(0)
    say("held", len(receipt.claimed), len(receipt.activities))
    time.sleep(600)


class Sharing:
    """A worker of instances that run three activities, one after another."""

    def __init__(self, party: Party) -> None:
        self._party = party
        self._done: dict[str, int] = {}

    def work(self, name: str, number: int) -> None:
        party = self._party
        receipt = party.commit(creates=[create(f"{name}-{each}") for each in range(number)])
        while True:
            if receipt.claimed or receipt.activities:
                receipt = self._answer(receipt)
            elif party.engine.count(LIVE):
                time.sleep(0.002)
                receipt = party.commit()
            else:
                return

    def _answer(self, receipt: Receipt) -> Receipt:
        episodes = []
        for claimed in receipt.claimed:
            instance_id = claimed.lease.instance_id
            past = [*(claimed.history or ()), *delivered(claimed)]
            before = 0 if claimed.history is not None else self._done[instance_id]
            done = before + sum(isinstance(each, ActivityCompleted) for each in past)
            self._done[instance_id] = done
            if done < ACTIVITIES:
                episodes.append(self._party.episode(claimed, activity(done)))
            else:
                episodes.append(self._party.episode(claimed, ended=completed(str(done))))
        reports = [
            ActivityReport(task.lease, AttemptSucceeded(value())) for task in receipt.activities
        ]
        return self._party.run_all(*episodes, reports=reports)


def main(task: str, path: str, *rest: str) -> None:
    engine = SqliteEngine(path)
    engine.open()
    party = Party.join(engine)
    match task:
        case "steps":
            steps(party)
        case "fill":
            fill(party, int(rest[0]))
            resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
        case "hold":
            hold(party)
        case "fork":
            hold(party, forks=True)
        case "share":
            name, number = rest
            Sharing(party).work(name, int(number))
            say("done")
    engine.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
