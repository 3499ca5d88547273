"""The page of what each engine does: docs/reference/engines.md, from the tests that pass on it.

Invariant: an engine has a feature on the page only if tests of that feature ran on it, and every
one of them passed.

    python tools/engine_matrix.py            # run the tests, and write what they say
    python tools/engine_matrix.py --render   # write the page again from what they said last

The second is for a change of the words. What the tests said is kept in engine_matrix.json beside
this file.
"""

import importlib
import json
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final, Literal, cast

import attrs

ROOT: Final = Path(__file__).resolve().parent.parent
PAGE: Final = ROOT / "docs" / "reference" / "engines.md"
SAID: Final = Path(__file__).with_name("engine_matrix.json")

Engine = Literal["memory", "sqlite", "temporal"]
ENGINES: Final[tuple[Engine, ...]] = ("memory", "sqlite", "temporal")

Results = Mapping[str, Mapping[str, int]]
"""Of each feature, by its title, and each engine: how many tests passed. 0: one of them failed, or
there was none."""

AT_HOME: Final = {"tests.app.test_schedules": "memory", "tests.cli.test_schedules": "sqlite"}
"""Modules whose tests run on one engine, and do not say so in their names."""

KIT: Final = "tests/engines/test_conformance.py"


@attrs.frozen
class Feature:
    """stores: tests that run on memory and on SQLite alike, as files, as `file::test`, or as
    `kit:Rules` for the rules of the conformance kit. temporal: those that run on a Temporal
    cluster."""

    title: str
    stores: tuple[str, ...]
    temporal: tuple[str, ...]


def _semantics(line: str, *names: str) -> tuple[str, ...]:
    file = f"tests/semantics/test_line_{line}.py"
    return tuple(f"{file}::test_{name}" for name in names) or (file,)


def _temporal(file: str, *names: str) -> tuple[str, ...]:
    return tuple(f"tests/temporal/test_{file}.py::test_{name}" for name in names)


FEATURES: Final = (
    Feature(
        "activities: results, failures, retries, timeouts, heartbeats",
        (*_semantics("14_activities"), "kit:ActivityRules"),
        _temporal(
            "activities",
            "an_orchestrator_runs_its_activities_on_temporal",
            "a_plain_def_activity_runs_in_a_thread",
            "an_exception_of_an_activity_reaches_the_orchestrator_as_itself",
            "a_failed_attempt_is_tried_again_under_the_same_key",
            "retries_end_where_the_policy_says",
            "an_attempt_past_its_time_is_an_activity_timeout",
            "the_next_attempt_finds_the_last_heartbeat",
        ),
    ),
    Feature(
        "queues, and workers that drain",
        ("kit:OfferRules", "kit:ClaimRules"),
        _temporal(
            "activities",
            "an_activity_runs_on_the_queue_that_it_names",
            "a_worker_that_stops_lets_what_runs_end",
            "a_worker_that_stops_hands_back_what_has_not_ended",
        ),
    ),
    Feature(
        "durable timers and timeouts",
        _semantics("09_time"),
        _temporal("waiting", "an_event_beats_its_timeout", "a_timer_fires_when_no_event_comes"),
    ),
    Feature(
        "external events, their order and their keys",
        (*_semantics("21_events"), "kit:MessageRules"),
        _temporal(
            "waiting",
            "events_are_kept_until_they_are_awaited_and_come_in_order",
            "an_event_with_the_same_key_is_delivered_once",
        ),
    ),
    Feature(
        "children, detached instances, `wait_for_instance`",
        (*_semantics("18_children"), "kit:ChildRules"),
        _temporal(
            "instances",
            "children_are_child_workflows_with_ids_of_their_own",
            "a_childs_failure_reaches_its_parent_as_itself",
            "a_parent_hears_how_its_child_was_ended",
            "live_children_are_cancelled_when_their_parent_ends",
            "a_detached_instance_can_be_told_and_awaited",
            "an_instance_that_others_started_can_be_awaited",
        ),
    ),
    Feature(
        "`continue_as_new`",
        ("kit:ContinuationRules",),
        _temporal("instances", "an_instance_that_continues_as_new_keeps_its_id_and_its_events"),
    ),
    Feature(
        "side effects, patches, `uuid4` and `random`; replay finds changed code",
        _semantics("29_determinism"),
        (
            *_temporal(
                "instances",
                "a_side_effect_runs_once_and_is_remembered",
                "a_patch_is_false_where_history_has_gone_past_it",
                "uuids_and_random_numbers_are_those_of_the_execution",
            ),
            *_temporal(
                "replay",
                "temporals_own_replayer_replays_what_was_recorded",
                "the_replayer_sees_code_that_no_longer_fits",
                "code_that_no_longer_fits_holds_the_instance_until_it_fits_again",
            ),
        ),
    ),
    Feature(
        "cancel and terminate",
        _semantics(
            "23_operators",
            "code_that_is_cancelled_may_clean_up_with_durable_calls",
            "each_request_is_one_cancel",
            "one_that_has_not_begun_is_cancelled_without_running",
            "terminating_runs_no_code",
        ),
        _temporal(
            "waiting",
            "a_cancelled_instance_cleans_up_with_durable_calls",
            "each_cancel_request_is_one_cancelled_error",
            "an_instance_that_no_worker_has_taken_ends_cancelled_without_running",
            "a_terminated_instance_runs_no_code",
        ),
    ),
    Feature(
        "suspend and resume",
        _semantics(
            "23_operators",
            "what_runs_finishes_while_it_is_suspended_and_its_result_waits",
            "one_that_is_suspended_may_be_cancelled_and_cleans_up",
        ),
        _temporal(
            "waiting",
            "a_suspended_instance_runs_no_code_until_it_is_resumed",
            "a_cancel_resumes_a_suspended_instance",
        ),
    ),
    Feature(
        "`state`, `stack`, `history`",
        ("kit:ReadingRules",),
        _temporal("waiting", "state_stack_and_history_tell_what_an_instance_waits_for"),
    ),
    Feature(
        "`start_at`, `if_exists`",
        _semantics(
            "26_lives",
            "attaching_takes_what_is_there_live_or_ended",
            "what_has_ended_is_replaced_and_what_is_live_is_not",
            "an_instance_never_starts_early",
        ),
        _temporal(
            "waiting",
            "an_instance_can_be_started_for_later",
            "starting_an_id_again_does_what_if_exists_says",
        ),
    ),
    Feature(
        "list and count instances; purge",
        (
            *_semantics(
                "26_lives", "many_are_purged_by_what_they_have_in_common_and_live_ones_stay"
            ),
            "kit:ClientRules",
        ),
        _temporal(
            "listing",
            "instances_are_found_by_name_prefix_and_tags",
            "each_status_is_told_apart",
            "pages_follow_one_another_newest_first",
            "many_are_purged_by_conditions",
        ),
    ),
    Feature(
        "schedules",
        ("tests/app/test_schedules.py", "tests/cli/test_schedules.py"),
        _temporal(
            "schedules",
            "runs_begin_by_themselves_with_ids_and_tags_of_their_own",
            "times_are_those_of_any_other_engine",
            "a_paused_schedule_starts_nothing_until_it_is_resumed",
            "a_trigger_starts_a_run_at_once_also_while_it_is_paused",
            "a_backfill_starts_what_was_due_once",
        ),
    ),
    Feature(
        "rewind",
        (*_semantics("25_rewind"), "kit:RewindRules"),
        _temporal(
            "rewind",
            "what_had_succeeded_is_kept_and_what_failed_is_done_again",
            "where_the_code_itself_failed_mended_code_goes_on",
            "failed_children_are_rewound_with_it_and_stay_its_children",
            "one_that_went_on_in_new_runs_is_rewound_whole",
        ),
    ),
    Feature(
        "requests: `Handle.ask`, `da.requests`",
        (
            "tests/app/test_operating.py::test_a_question_is_answered_and_its_answer_is_typed",
            "tests/app/test_operating.py::test_a_question_may_be_asked_before_anybody_listens",
        ),
        _temporal(
            "requests",
            "each_question_has_its_answer_also_of_one_that_is_evicted",
            "what_is_asked_before_a_worker_is_there_is_answered_when_one_comes",
            "whoever_asks_one_that_ends_without_an_answer_is_told_so",
            "questions_and_answers_survive_new_runs",
        ),
    ),
    Feature(
        "entities",
        (*_semantics("32_entities"), "kit:EntityRules"),
        _temporal(
            "entities",
            "calls_of_many_run_one_after_the_other",
            "what_fails_leaves_no_trace_and_order_is_kept",
            "an_unknown_operation_fails_its_caller",
            "operations_may_signal_send_and_start",
            "a_signal_waits_until_it_is_due",
            "operations_of_a_type_nobody_has_wait_for_a_worker_that_has_it",
            "entities_are_listed_and_instances_are_not_mixed_with_them",
            "a_deleted_entity_is_gone_and_can_come_again",
            "a_long_life_goes_on_in_new_runs",
            "a_call_that_is_given_up_before_it_ran_is_taken_back",
            "an_operation_whose_worker_is_killed_runs_again_and_counts_once",
        ),
    ),
    Feature(
        "critical sections: `da.lock`",
        ("kit:LockRules",),
        _temporal(
            "entities",
            "a_lock_holds_back_others_and_lets_its_holder_pass",
            "sections_exclude_one_another_and_never_wait_in_a_circle",
            "a_lock_is_free_again_whatever_becomes_of_its_holder",
            "a_request_that_is_withdrawn_is_passed_over",
            "a_section_lasts_over_new_runs_of_all_that_take_part",
        ),
    ),
)


def main(arguments: Sequence[str]) -> int:
    if arguments not in ([], ["--render"]):
        print(__doc__)
        return 2
    if not arguments:
        SAID.write_text(json.dumps(_ask_the_tests(FEATURES), indent=1) + "\n")
    results = read_results()
    PAGE.write_text(page(FEATURES, results))
    missing = [
        f"{feature.title}: {engine}"
        for feature in FEATURES
        for engine in ENGINES
        if not results[feature.title][engine]
    ]
    for each in missing:
        print(f"does not pass: {each}", file=sys.stderr)
    return 1 if missing else 0


def read_results() -> Results:
    return cast("Results", json.loads(SAID.read_text()))


# ---------------------------------------------------------------- the tests


@attrs.frozen
class Ran:
    """A test that ran. place: its module and class, with dots. name: with its parameters."""

    place: str
    name: str
    passed: bool

    @property
    def function(self) -> str:
        return self.name.partition("[")[0]

    def is_of(self, selector: str) -> bool:
        """Whether a selector means it."""
        if selector.startswith("kit:"):
            return self.place.startswith(_dotted(KIT)) and self.function in rules(selector[4:])
        file, _, name = selector.partition("::")
        if self.place != _dotted(file):
            return False
        return not name or name in (self.name, self.function)

    def is_on(self, engine: Engine) -> bool:
        if self.place.startswith("tests.temporal."):
            return engine == "temporal"
        if self.place.startswith(_dotted(KIT)):
            return self.place.endswith(f".Test{engine.title()}Engine")
        if self.place in AT_HOME:
            return AT_HOME[self.place] == engine
        return engine in self.name.partition("[")[2].rstrip("]").split("-")


def _dotted(file: str) -> str:
    return file.removesuffix(".py").replace("/", ".")


def rules(name: str) -> frozenset[str]:
    """The tests of one class of the conformance kit."""
    kit = importlib.import_module("durable_async.testing.conformance")
    return frozenset(each for each in vars(getattr(kit, name)) if each.startswith("test_"))


def files(features: Iterable[Feature]) -> list[str]:
    """Where the tests of these features are."""
    selectors = [each for feature in features for each in (*feature.stores, *feature.temporal)]
    found = {KIT if each.startswith("kit:") else each.partition("::")[0] for each in selectors}
    return sorted(found)


_ALL: Final = "-m=soak or not soak"
_PYTEST: Final = (sys.executable, "-m", "pytest", "-q", _ALL, "--numprocesses=2")


def _ask_the_tests(features: Sequence[Feature]) -> Results:
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        subprocess.run(
            [*_PYTEST, f"--junitxml={report}", *_arguments(features)],
            cwd=ROOT,
            check=False,  # what failed stands in the report
        )
        return counted(features, read_report(report.read_text()))


def _arguments(features: Sequence[Feature]) -> list[str]:
    """Whole files, except of those that take long: there the tests that are named."""
    named = [each for feature in features for each in feature.temporal]
    return [*(file for file in files(features) if "/temporal/" not in file), *sorted(set(named))]


def read_report(text: str) -> list[Ran]:
    """What pytest's JUnit report tells. A skipped test has not passed."""
    tree = ET.fromstring(text)
    return [
        Ran(case.attrib["classname"], case.attrib["name"], passed=not _troubles(case))
        for case in tree.iter("testcase")
    ]


def _troubles(case: ET.Element) -> bool:
    return any(child.tag in {"failure", "error", "skipped"} for child in case)


def counted(features: Iterable[Feature], ran: Sequence[Ran]) -> Results:
    return {
        feature.title: {engine: _passed(feature, engine, ran) for engine in ENGINES}
        for feature in features
    }


def _passed(feature: Feature, engine: Engine, ran: Sequence[Ran]) -> int:
    """How many, if all that are named ran and passed."""
    count = 0
    for selector in feature.temporal if engine == "temporal" else feature.stores:
        meant = [each for each in ran if each.is_of(selector)]
        if not meant:
            return 0
        meant = [each for each in meant if each.is_on(engine)]
        if not all(each.passed for each in meant):
            return 0
        count += len(meant)
    return count


# ---------------------------------------------------------------- the page

HEAD: Final = """\
# What each engine does

<!-- Written by tools/engine_matrix.py from the tests that pass. Change that, not this. -->

The same orchestrators run on each engine; what an engine does not have, it refuses at the call,
with an `EngineLimitError` that names the line and what to use. It is never left out silently.

A number says how many tests of the feature passed on that engine: of the specification and the
conformance kit on memory (`sqlite://`) and SQLite, of `tests/temporal`, on a real server, for
Temporal.

"""

TAIL: Final = """
[Run on Temporal](../howto/run-on-temporal.md) says how Temporal is used and where it differs. `make
test` runs all of these tests; `python tools/engine_matrix.py` runs them and writes this page.
"""


def page(features: Iterable[Feature], results: Results) -> str:
    """The text of the page."""
    lines = ["| feature | memory | SQLite | Temporal |", "|---|---|---|---|"]
    for feature in features:
        said = results[feature.title]
        cells = [_cell(said[engine]) for engine in ENGINES]
        lines.append(f"| {' | '.join([feature.title, *cells])} |")
    return HEAD + "\n".join(lines) + "\n" + TAIL


def _cell(passed: int) -> str:
    return f"yes ({passed})" if passed else "does not pass"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
