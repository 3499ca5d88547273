"""Whose turn it is at an entity."""

from durable_async.engines.turntaking import Place, lock_to_grant, numbers_to_run
from durable_async.model.identity import Caller

MINE, YOURS = Caller("a", "a-1", 0), Caller("b", "b-1", 0)


def test_without_a_lock_operations_run_up_to_the_first_request_for_one() -> None:
    queue = [Place(number=1), Place(number=2), Place(number=3, lock=MINE, requests=True)]
    assert numbers_to_run([*queue, Place(number=4)], None) == [1, 2]
    assert lock_to_grant(queue, None) is None


def test_no_more_than_a_batch_is_run() -> None:
    assert numbers_to_run([Place(number=number) for number in range(9)], None, 3) == [0, 1, 2]


def test_a_lock_is_granted_when_its_request_comes_first() -> None:
    queue = [Place(number=3, lock=MINE, requests=True), Place(number=4)]
    assert lock_to_grant(queue, None) == 3
    assert lock_to_grant(queue, YOURS) is None
    assert lock_to_grant([], None) is None


def test_while_a_lock_is_held_only_its_own_calls_run() -> None:
    queue = [
        Place(number=1),
        Place(number=2, lock=YOURS, requests=True),
        Place(number=3, lock=MINE),
        Place(number=4, lock=YOURS),
        Place(number=5, lock=MINE),
    ]
    assert numbers_to_run(queue, MINE) == [3, 5]
