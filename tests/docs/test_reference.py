"""The reference holds what the code holds: every name, every error, every event, every limit."""

import importlib
import inspect
import re
from pathlib import Path
from typing import Any, get_args

import attrs
import pytest

import durable_async as da
from durable_async import codecs, errors, testing
from durable_async.model import history

REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference"


def section(page: str, heading: str) -> str:
    """The text under a heading of the second level."""
    text = (REFERENCE / page).read_text()
    found = re.search(
        rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE
    )
    assert found is not None, heading
    return found[1]


def rows(text: str) -> list[list[str]]:
    """The rows of the tables in a text, without their heads."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    return [row for row in cells if row[0] not in {"name", "method", "event"}]


def named(cell: str) -> list[str]:
    return re.findall(r"`(\w+)`", cell)


# ---------------------------------------------------------------- api.md

SECTIONS = [
    "Definitions",
    "Running",
    "Inside an orchestrator",
    "Entities",
    "Inside an activity",
    "Values that you see",
    "To build in",
    "Errors",
]


def test_every_public_name_is_documented_once_in_the_order_of_the_facade() -> None:
    documented = [
        name
        for heading in SECTIONS
        for row in rows(section("api.md", heading))
        for name in named(row[0])
    ]
    assert sorted(documented) == sorted(da.__all__)
    homes: dict[str, tuple[str, ...]] = vars(da)["_HOMES"]
    assert documented == [name for names in homes.values() for name in names]


@pytest.mark.parametrize("cls", [da.Client, da.Handle, da.Worker])
def test_every_method_that_users_call_is_documented(cls: type) -> None:
    documented = [name for row in rows(section("api.md", cls.__name__)) for name in named(row[0])]
    public = {name for name in dir(cls) if not name.startswith("_")}
    assert sorted(documented) == sorted(public)


def test_the_codecs_are_documented() -> None:
    documented = rows(section("api.md", "durable_async.codecs"))
    assert [name for row in documented for name in named(row[0])] == sorted(codecs.__all__)


def test_the_names_for_tests_are_documented() -> None:
    documented = rows(section("api.md", "durable_async.testing"))
    assert sorted(name for row in documented for name in named(row[0])) == sorted(testing.__all__)
    (environment,) = [row[1] for row in documented if named(row[0]) == ["Environment"]]
    public = {name for name in dir(testing.Environment) if not name.startswith("_")}
    assert {word for word in re.findall(r"\w+", environment) if word in public} == public


@pytest.mark.parametrize("name", sorted(set(da.__all__) - {"HistoryEvent"}))
def test_a_public_name_says_itself_what_it_means(name: str) -> None:
    thing = getattr(da, name)
    own = thing.__dict__.get("__doc__") if isinstance(thing, type) else thing.__doc__
    assert own is not None
    assert len(own.split()) > 5


@pytest.mark.parametrize(
    "name",
    [
        "continue_as_new",
        "events",
        "info",
        "patched",
        "requests",
        "send_event",
        "set_custom_status",
        "side_effect",
        "sleep",
        "sleep_until",
        "start",
        "wait_for_event",
    ],
)
def test_what_is_called_in_an_orchestrator_says_what_it_raises_and_records(name: str) -> None:
    text = getattr(da, name).__doc__
    assert "Raises: " in text or "same order, errors and records" in text
    assert "ecords" in text
    assert "Known elsewhere as: " in text


PARAMETERS = [
    (da.activity, "Definitions"),
    (da.orchestrator, "Definitions"),
    (da.Client, "Running"),
    (da.Worker, "Running"),
    (da.run, "Running"),
    (da.RetryPolicy, "Running"),
    (da.start, "Inside an orchestrator"),
    (da.continue_as_new, "Inside an orchestrator"),
    (da.send_event, "Inside an orchestrator"),
    (da.requests, "Inside an orchestrator"),
    (da.patched, "Inside an orchestrator"),
    (da.orchestrator_named, "Definitions"),
    (testing.environment, "durable_async.testing"),
    (testing.replay, "durable_async.testing"),
]


@pytest.mark.parametrize(
    ("thing", "heading"), PARAMETERS, ids=[thing.__name__ for thing, _ in PARAMETERS]
)
def test_every_keyword_that_users_give_is_documented(thing: Any, heading: str) -> None:
    name = thing.__name__
    (row,) = [row for row in rows(section("api.md", heading)) if named(row[0]) == [name]]
    keywords = set(inspect.signature(thing).parameters) - {"fn", "self"}
    written = set(re.findall(r"\w+", row[1]))
    assert keywords <= written


@pytest.mark.parametrize(
    "method", [da.Client.start, da.Client.list, da.Handle.raise_event, da.Handle.result]
)
def test_every_keyword_of_a_method_is_documented(method: Any) -> None:
    cls, name = method.__qualname__.split(".")
    (row,) = [row for row in rows(section("api.md", cls)) if named(row[0]) == [name]]
    keywords = set(inspect.signature(method).parameters) - {"self"}
    assert keywords <= set(re.findall(r"\w+", row[1]))


@pytest.mark.parametrize(
    "cls", [da.ActivityInfo, da.Failure, da.InstanceState, da.OrchestrationInfo, da.Payload]
)
def test_every_field_of_a_value_is_documented(cls: Any) -> None:
    text = "".join(section("api.md", each) for each in SECTIONS)
    (row,) = [row for row in rows(text) if named(row[0]) == [cls.__name__]]
    assert {field.name for field in attrs.fields(cls)} <= set(named(row[1]))


# ---------------------------------------------------------------- errors.md


def test_every_error_is_documented_once() -> None:
    text = (REFERENCE / "errors.md").read_text()
    assert sorted(re.findall(r"^## `(\w+)`$", text, re.MULTILINE)) == sorted(errors.__all__)


@pytest.mark.parametrize("name", sorted(set(errors.__all__) - {"DurableError"}))
def test_an_error_says_when_it_is_raised_and_what_to_do(name: str) -> None:
    text = section("errors.md", f"`{name}`")
    assert text.index("**When:**") < text.index("**What to do:**")


@pytest.mark.parametrize(
    "source", [REFERENCE / "errors.md", Path(errors.__file__)], ids=["page", "code"]
)
def test_the_tree_of_errors_is_that_of_the_classes(source: Path) -> None:
    parents: dict[str, str] = {}
    above = ["DurableError"]
    for line in source.read_text().splitlines():
        matched = re.match(r"([│ ]*)[├└]── (\w+)", line)
        if matched is None:
            continue
        depth = len(matched[1]) // 4
        if matched[2] == "NotDurableWarning":
            continue
        above = [*above[: depth + 1], matched[2]]
        parents[matched[2]] = above[depth]
    classes = {name: getattr(errors, name) for name in errors.__all__}
    assert parents == {
        name: cls.__bases__[0].__name__
        for name, cls in classes.items()
        if issubclass(cls, da.DurableError) and cls is not da.DurableError
    }


# ---------------------------------------------------------------- history.md

FAMILIES = {
    "Delivered": history.Delivered,
    "Recorded": history.Recorded,
    "Ended": history.Ended,
}


@pytest.mark.parametrize("family", FAMILIES)
def test_every_event_is_documented_with_its_fields(family: str) -> None:
    documented = {named(row[0])[0]: named(row[1]) for row in rows(section("history.md", family))}
    assert documented == {
        cls.__name__: [field.name for field in attrs.fields(cls)]
        for cls in get_args(FAMILIES[family])
    }


# ---------------------------------------------------------------- settings.md


def limit(place: str) -> Any:
    module, _, name = place.rpartition(".")
    return getattr(importlib.import_module(f"durable_async.{module}"), name)


KIB = 1024

LIMITS = [
    ("a payload:", "model.payload.PAYLOAD_LIMIT", lambda v: f"{v / KIB**2:g} MiB"),
    ("the same before the codec", "model.payload.RAW_LIMIT", lambda v: f"{v / KIB**2:g} MiB"),
    ("the body of an answer", "dsl.sending.BODY_LIMIT", lambda v: f"{v:,} bytes"),
    ("from which a payload", "model.payload.PAYLOAD_WARNING", lambda v: f"{v / KIB:g} KiB"),
    ("a custom status", "dsl.durables.CUSTOM_STATUS_LIMIT", lambda v: f"{v / KIB:g} KiB"),
    ("an instance id", "convert.texts.ID_LIMIT", lambda v: f"{v} characters"),
    ("events of one execution", "engines.limits.HISTORY_LIMIT", lambda v: f"{v:,}"),
    ("from which a history", "engines.limits.HISTORY_WARNING", lambda v: f"{v:,} events"),
    ("steps of an orchestrator", "core.loop.STEP_LIMIT", lambda v: f"{v:,}"),
    ("all steps of an", "core.loop.BUSY_LIMIT", lambda v: f"{v:,}"),
    ("workers that may die", "model.options.LOST_WORKER_LIMIT", str),
    ("the message of an", "convert.failures._MESSAGE_LIMIT", lambda v: f"{v:,} characters"),
    ("a note of an", "convert.failures._NOTE_LIMIT", lambda v: f"{v:,} characters"),
    ("a note of an", "convert.failures._NOTES_KEPT", lambda v: f"; {v}"),
    ("the traceback of", "convert.failures._TRACEBACK_LIMIT", lambda v: f"{v:,} characters"),
    ("causes and groups", "convert.failures._DEPTH", str),
    ("text of one attribute", "convert.parcels.TEXT_LIMIT", lambda v: f"{v:,} characters"),
    ("instances that `list`", "client.client.PAGE_SIZE", str),
    ("the orchestrator's name", "app.ids._NAME_IN_ID", lambda v: f"{v} characters"),
    ("lease:", "engines.limits.DEFAULT_LEASE", lambda v: f"{v:g} s"),
    ("a session renews", "engines.limits.RENEWALS_PER_LEASE", lambda v: f"{v} times"),
    ("how soon a process sees", "engines.thread.LOOK_SOON", lambda v: f"{v * 1000:g} to"),
    ("how soon a process sees", "engines.thread.LOOK_LATER", lambda v: f"to {v * 1000:g} ms"),
    ("how soon it is seen", "engines.sqlite.engine.LOOK_EVERY", lambda v: f"{v:g} s"),
    ("clean-up of", "worker.limits.CANCEL_GRACE", lambda v: f"{v:g} s"),
    ("activities that are handed", "worker.limits.ANSWER_TIME", lambda v: f"{v:g} s"),
    ("activities that are handed", "worker.limits.HURRIED_ANSWER_TIME", lambda v: f"{v:g} s"),
    ("activities that `da.run`", "app.one_instance.LAST_ACTIVITIES", lambda v: f"{v:g} s"),
    ("an episode, or a step", "worker.limits.HOLD_UP", lambda v: f"{v:g} s"),
    ("an activity whose arguments", "worker.limits.CODEC_RETRY", lambda v: f"after {v:g} s"),
    ("a request of `da.call_http`", "dsl.http.DEFAULT_TIMEOUT", lambda v: f"{v:g} s"),
    ("a worker looks", "worker.limits.FIRST_SURVEY", lambda v: f"after {v:g} s"),
    ("a worker looks", "worker.limits.SURVEY_INTERVAL", lambda v: f"every {v:g} s"),
    ("after a commit that failed", "engines.turns.FIRST_REST", lambda v: f"{v:g} s"),
    ("after a commit that failed", "engines.turns.LONGEST_REST", lambda v: f"to {v:g} s"),
    ("episodes in one", "worker.limits.EPISODES_PER_TURN", str),
    ("episodes in one", "worker.limits.TURN_TIME", lambda v: f"{v:g} s"),
    ("the key of an entity", "dsl.references.KEY_LIMIT", lambda v: f"{v} characters"),
    ("entities in one", "worker.limits.ENTITIES_PER_TURN", str),
    ("operations of one", "engines.limits.OPERATIONS_A_BATCH", str),
    ("operations of one", "worker.limits.BATCH_TIME", lambda v: f"{v:g} s"),
    ("requests of clients", "engines.desk.REQUESTS_A_TURN", lambda v: f"{v:,}"),
    ("the answer to a request", "engines.limits.ANSWER_KEPT", lambda v: f"{v.days} day"),
    ("warnings that a worker", "worker.limits.NOTICES_KEPT", lambda v: f"{v:,}"),
    ("waiting for other", "engines.sqlite.database.PATIENCE", lambda v: f"{v:g} s"),
    ("log file", "engines.sqlite.database.CHECKPOINT_PAGES", lambda v: f"{v * 4 // 1000} MiB"),
]


@pytest.mark.parametrize(("label", "place", "text"), LIMITS, ids=[each[1] for each in LIMITS])
def test_a_limit_is_documented_with_its_value(label: str, place: str, text: Any) -> None:
    page = rows((REFERENCE / "settings.md").read_text())
    (row,) = [row for row in page if row[0].startswith(label)]
    assert re.search(rf"(?<![\d,.]){re.escape(text(limit(place)))}", row[1])


def test_heartbeats_are_stored_once_a_second() -> None:
    assert limit("worker.limits.HEARTBEAT_INTERVAL") == 1


def test_every_numeric_default_of_a_worker_and_a_policy_is_documented() -> None:
    text = section("settings.md", "What you can set")
    for thing in (da.Worker, da.RetryPolicy):
        for name, parameter in inspect.signature(thing).parameters.items():
            if isinstance(parameter.default, int | float):
                (row,) = [row for row in rows(text) if re.search(rf"\b{name}=", row[2])]
                assert f"{parameter.default:,g}" in row[1]


def test_no_limit_of_a_worker_or_of_the_engines_is_left_out() -> None:
    documented = {place for _, place, _ in LIMITS} | {"worker.limits.HEARTBEAT_INTERVAL"}
    for module in ("worker.limits", "engines.limits"):
        names = importlib.import_module(f"durable_async.{module}").__all__
        assert {f"{module}.{name}" for name in names} <= documented
