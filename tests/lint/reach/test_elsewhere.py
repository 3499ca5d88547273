"""What is handed to a queue of jobs is called by its workers, not by who hands it over."""

from collections.abc import Callable

import pytest

from durable_lint.reach.analysis import Result

Analyse = Callable[..., Result]

FLOW = """\
import functools
import time

import acme
import django_q.tasks
import dramatiq
import multiprocessing
import rq
from celery import Celery, shared_task
from dask.distributed import Client

import durable_async as da

app = Celery("jobs")
CLUSTER = Client("scheduler")


def work(n=0):
    return time.time()


@app.task
def of_celery(n):
    return time.time()


@shared_task(bind=True)
def shared(n):
    return time.time()


@dramatiq.actor
def actor(n):
    return time.time()


@da.orchestrator
async def flow(n: int, queue: rq.Queue) -> None:
    {body}
"""


def _codes(analyse: Analyse, body: str) -> list[str]:
    return [finding.code for finding in analyse(FLOW.format(body=body)).findings]


@pytest.mark.parametrize(
    "body",
    [
        "rq.Queue().enqueue(print)",
        "rq.Queue('a').enqueue_in(3, work, 4)",
        "queue.enqueue(work, n, on_success=work)",
        "queue.enqueue_call(func=work, args=(n,))",
        "queue.enqueue_at(3, functools.partial(work, n))",
        "queue.enqueue(lambda: time.time())",
        "django_q.tasks.async_task(work, n, hook=work)",
        "of_celery.delay(n)",
        "of_celery.apply_async((n,), link=shared)",
        "shared.delay(print)",
        "actor.send(n)",
        "app.send_task('work', (n,))",
    ],
)
def test_handing_a_job_over_is_the_only_thing_that_happens_here(
    analyse: Analyse, body: str
) -> None:
    assert _codes(analyse, body) == ["DUR121"]


@pytest.mark.parametrize(
    "body",
    [
        "acme.Broker().enqueue(work)",
        "acme.broker().enqueue_in(3, print)",
        "CLUSTER.submit(work, n)",
    ],
)
def test_a_queue_that_nobody_knows_calls_nothing_here_either(analyse: Analyse, body: str) -> None:
    assert _codes(analyse, body) == []


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        ("acme.Loop().call(work)", ["DUR101"]),
        ("acme.run(print)", ["DUR143"]),
        ("multiprocessing.Pool().apply_async(work)", ["DUR101", "DUR131"]),
        ("work.delay(n)", []),
        ("of_celery(n)", ["DUR101"]),
    ],
)
def test_anybody_else_may_call_what_he_is_given(
    analyse: Analyse, body: str, codes: list[str]
) -> None:
    assert sorted(_codes(analyse, body)) == codes
