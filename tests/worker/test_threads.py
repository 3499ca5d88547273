"""The threads of `def` activities."""

import threading

import pytest

from durable_async.worker.threads import ThreadPool


def test_jobs_run_side_by_side_up_to_the_size_of_the_pool() -> None:
    pool = ThreadPool(3, "test")
    together = threading.Barrier(3, timeout=10)
    met = threading.Semaphore(0)

    def job() -> None:
        together.wait()
        met.release()

    for _ in range(6):  # two rounds of three: with fewer threads the barrier would break
        pool.submit(job)
    for _ in range(6):
        assert met.acquire(timeout=10)
    pool.close()


def test_no_more_threads_than_the_size_of_the_pool_are_made() -> None:
    pool = ThreadPool(2, "test")
    names: list[str] = []
    done = threading.Semaphore(0)

    def job() -> None:
        names.append(threading.current_thread().name)
        done.release()

    for _ in range(50):
        pool.submit(job)
    for _ in range(50):
        assert done.acquire(timeout=10)
    assert set(names) <= {"test-1", "test-2"}
    pool.close()


def test_an_idle_thread_is_used_again() -> None:
    pool = ThreadPool(10, "test")
    names: list[str] = []
    idle = threading.Event()

    def job() -> None:
        names.append(threading.current_thread().name)
        idle.set()

    for _ in range(5):
        idle.clear()
        pool.submit(job)
        assert idle.wait(10)
        # Idle is counted after the job: a job put behind it has found the thread idle.
        barrier = threading.Event()
        while pool.idle == 0:
            barrier.wait(0.001)
    assert set(names) == {"test-1"}
    pool.close()


def test_a_thread_that_hangs_does_not_keep_the_interpreter() -> None:
    pool = ThreadPool(1, "test")
    seen: list[bool] = []
    done = threading.Event()

    def job() -> None:
        seen.append(threading.current_thread().daemon)
        done.set()

    pool.submit(job)
    assert done.wait(10)
    assert seen == [True]
    pool.close()


def test_closing_lets_the_threads_end() -> None:
    pool = ThreadPool(4, "test")
    threads: list[threading.Thread] = []
    done = threading.Semaphore(0)

    def job() -> None:
        threads.append(threading.current_thread())
        done.release()

    for _ in range(4):
        pool.submit(job)
    for _ in range(4):
        assert done.acquire(timeout=10)
    pool.close()
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()


def test_a_closed_pool_refuses_jobs() -> None:
    pool = ThreadPool(1, "test")
    pool.close()
    with pytest.raises(RuntimeError, match="closed"):
        pool.submit(lambda: None)
