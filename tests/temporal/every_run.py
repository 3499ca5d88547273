"""What every run tries against a server, one thing each; `make temporal` runs all the tests.

Names are those of pytest, without the folder. A test that needs no server is in every run anyway.
"""

from collections.abc import Mapping
from typing import Final

__all__ = ["EVERY_RUN"]

EVERY_RUN: Final[Mapping[str, tuple[str, ...]]] = {
    "activities": (
        "test_activities.py::test_an_orchestrator_runs_its_activities_on_temporal",
        "test_activities.py::test_a_plain_def_activity_runs_in_a_thread",
        "test_activities.py::test_an_exception_of_an_activity_reaches_the_orchestrator_as_itself",
    ),
    "retries": (
        "test_activities.py::test_a_failed_attempt_is_tried_again_under_the_same_key",
        "test_activities.py::test_an_uncaught_failure_ends_the_instance_and_reaches_the_client_as_itself",
    ),
    "heartbeats": ("test_activities.py::test_the_next_attempt_finds_the_last_heartbeat",),
    "queues": ("test_activities.py::test_an_activity_runs_on_the_queue_that_it_names",),
    "a worker that stops": (
        "test_activities.py::test_a_worker_that_stops_hands_back_what_has_not_ended",
    ),
    "timers": ("test_waiting.py::test_a_timer_fires_when_no_event_comes",),
    "events": (
        "test_waiting.py::test_events_are_kept_until_they_are_awaited_and_come_in_order",
        "test_waiting.py::test_an_event_with_the_same_key_is_delivered_once",
    ),
    "custom status, state, stack, history": (
        "test_waiting.py::test_state_stack_and_history_tell_what_an_instance_waits_for",
    ),
    "suspend, resume": (
        "test_waiting.py::test_a_suspended_instance_runs_no_code_until_it_is_resumed",
    ),
    "cancel": ("test_waiting.py::test_a_cancelled_instance_cleans_up_with_durable_calls",),
    "terminate": ("test_instances.py::test_terminating_a_parent_terminates_its_children",),
    "rewind": (
        "test_rewind.py::test_what_had_succeeded_is_kept_and_what_failed_is_done_again[10000]",
    ),
    "requests": (
        "test_requests.py::test_each_question_has_its_answer_also_of_one_that_is_evicted[10000]",
    ),
    "children": (
        "test_instances.py::test_children_are_child_workflows_with_ids_of_their_own",
        "test_instances.py::test_a_childs_failure_reaches_its_parent_as_itself",
    ),
    "detached": ("test_instances.py::test_a_detached_instance_can_be_told_and_awaited",),
    "continue as new, when asked": (
        "test_instances.py::test_an_instance_that_continues_as_new_keeps_its_id_and_its_events",
    ),
    "continue as new, by itself": (
        "test_replay.py::test_a_long_execution_goes_on_in_new_runs_and_stays_the_same",
    ),
    "side effects": ("test_instances.py::test_a_side_effect_runs_once_and_is_remembered",),
    "patches": ("test_instances.py::test_patches_and_side_effects_mix_in_one_episode",),
    "lists, counts, tags": (
        "test_listing.py::test_instances_are_found_by_name_prefix_and_tags",
        "test_calls.py::test_a_list_asks_once_for_each_that_has_ended",
    ),
    "schedules": (
        "test_schedules.py::test_what_was_asked_for_is_read_back",
        "test_schedules.py::test_a_trigger_starts_a_run_at_once_also_while_it_is_paused",
    ),
    "eviction": ("test_replay.py::test_eviction_changes_nothing[0]",),
    "the Replayer": (
        "test_replay.py::test_temporals_own_replayer_replays_what_was_recorded",
        "test_replay.py::test_the_replayer_sees_code_that_no_longer_fits",
    ),
    "names in Temporal's history": (
        "test_tools.py::test_temporals_history_has_our_names_and_readable_payloads",
    ),
    "codecs": ("test_tools.py::test_a_codec_hides_values_from_the_cluster",),
    "calls of a client": ("test_calls.py::test_a_start_and_its_result_are_two_calls",),
    "TLS, API keys": ("test_access.py::test_a_key_is_sent_through_tls",),
    "workers that share": (
        "test_service.py::test_who_awaits_an_instance_keeps_no_activity_from_running",
        "test_service.py::test_two_workers_of_a_queue_share_a_client",
    ),
    "an example": ("test_examples.py::test_an_example_runs_unchanged_and_is_replayed[fan_out]",),
}
