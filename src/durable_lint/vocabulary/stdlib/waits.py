"""What blocks the thread: the loop stands still, and nothing of the wait is recorded."""

from typing import Final

from durable_lint.vocabulary.family import Family

__all__ = ["WAITS"]

WAITS: Final = Family(
    calls={
        "blocking_sleep": {
            "time": "sleep",
            "signal": "pause sigwait sigtimedwait sigwaitinfo",
            "select": "select",
            "select.epoll": "poll",
            "select.poll": "poll",
            "select.kqueue": "control",
            "selectors.BaseSelector": "select",
            "sched.scheduler": "run",
            "os": "wait waitpid wait3 wait4 waitid",
            "builtins": "input breakpoint",
            "pdb": "set_trace post_mortem pm run runcall runeval",
            "code": "interact",
            "getpass": "getpass unix_getpass win_getpass fallback_getpass",
            "sys.stdin": "read readline readlines",
            "threading.Event": "wait",
            "threading.Condition": "acquire wait wait_for",
            "threading.Barrier": "wait",
            "threading.Lock": "acquire",
            "threading.RLock": "acquire",
            "threading.Semaphore": "acquire",
            "threading.Thread": "join",
            "queue.Queue": "get put join",
            "queue.SimpleQueue": "get",
            "concurrent.futures.Future": "result exception",
            "concurrent.futures": "wait as_completed",
            "multiprocessing.process.BaseProcess": "join",
            "multiprocessing.queues.Queue": "get",
            "multiprocessing.queues.SimpleQueue": "get",
            "multiprocessing.queues.JoinableQueue": "join",
            "multiprocessing.pool.AsyncResult": "get wait",
            "multiprocessing.connection": "wait",
            "multiprocessing.connection.Connection": "recv recv_bytes poll",
            "multiprocessing.synchronize.Event": "wait",
            "multiprocessing.synchronize.Lock": "acquire",
            "multiprocessing.synchronize.Semaphore": "acquire",
            "subprocess.Popen": "wait communicate",
        },
    },
    advice={
        "time.sleep": "await asyncio.sleep(...)",
        "builtins.input": "await durable_async.wait_for_event(...)",
        "threading.Event.wait": "await asyncio.Event().wait()",
        "queue.Queue.get": "await asyncio.Queue().get()",
    },
    pure={
        "select": "PIPE_BUF",
        "queue": "Empty Full ShutDown",
        "queue.Queue": "qsize empty full put_nowait get_nowait",
    },
    bases={
        "threading.Lock": "threading.lock",
        "sys.stdin": "",
        "queue.LifoQueue": "queue.Queue[~0]",
        "queue.PriorityQueue": "queue.Queue[~0]",
    },
    aliases={
        "threading._RLock": "threading.RLock",
        "_thread.lock": "threading.Lock",
        "_thread.allocate_lock": "threading.Lock",
        "_thread.RLock": "threading.RLock",
        "_queue.SimpleQueue": "queue.SimpleQueue",
        "multiprocessing.pool.ApplyResult": "multiprocessing.pool.AsyncResult",
    },
)
