import random
import time

import pytest
from cloudops import naming
from cloudops.flows import Plan, Provision
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker


@pytest.mark.parametrize("index", random.sample(range(900), 5))
def test_machine_names(index: int) -> None:
    assert naming.machine_name("acme", index).startswith("acme-")


def test_free_addresses_is_quick() -> None:
    begin = time.perf_counter()
    assert len(naming.free_addresses("10.0.0.0/8", ["10.0.0.1"], 50)) == 50
    assert time.perf_counter() - begin < 1


async def test_provision() -> None:
    async with await WorkflowEnvironment.start_time_skipping() as env:
        async with Worker(env.client, task_queue="t", workflows=[Provision]):
            await env.client.execute_workflow(Provision.run, Plan("acme", []), id=f"t-{time.time_ns()}", task_queue="t")
