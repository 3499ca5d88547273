"""A dialect is known by what those import who write orchestrators in it."""

import pytest

from durable_lint.discover.dialects import spoken
from durable_lint.discover.prefilter import glance


@pytest.mark.parametrize(
    ("text", "dialect"),
    [
        ("from temporalio import workflow\n", "temporalio"),
        ("from temporalio import (\n    activity,\n    workflow as wf,\n)\n", "temporalio"),
        ("import temporalio.workflow\n", "temporalio"),
        ("from temporalio.workflow import defn, run\n", "temporalio"),
        ("from durabletask import task\n", "durabletask"),
        ("import durabletask.task as dt\n", "durabletask"),
        ("import azure.functions as func, azure.durable_functions as df\n", "durabletask"),
        ("from azure import durable_functions\n", "durabletask"),
    ],
)
def test_a_file_that_may_hold_orchestrators_counts(text: str, dialect: str) -> None:
    assert spoken([glance(text.encode(), [])]) == ((dialect, 1),)


@pytest.mark.parametrize(
    "text",
    [
        "from temporalio.client import Client\n",
        "from temporalio import activity\n",
        "from shop import temporalio\n",
        "import azure.functions as func\n",
        "from durabletask.client import TaskHubGrpcClient\n",
    ],
)
def test_a_client_and_a_worker_of_the_library_do_not(text: str) -> None:
    assert spoken([glance(text.encode(), [])]) == ()


def test_files_are_counted_not_imports() -> None:
    twice = b"import temporalio.workflow\nfrom temporalio import workflow\n"
    assert spoken([glance(twice, []), glance(twice, []), glance(b"", [])]) == (("temporalio", 2),)
