"""Threads, processes of one program, and other loops: what runs beside the orchestrator.

A pool counts where it is made; its methods do not count again.
"""

from typing import Final

from durable_lint.vocabulary.family import Family

__all__ = ["THREADS"]

THREADS: Final = Family(
    calls={
        "threading": {
            "threading": "Barrier BoundedSemaphore Condition Event Lock RLock Semaphore Thread"
            " Timer activeCount active_count currentThread current_thread enumerate main_thread"
            " get_ident get_native_id getprofile gettrace setprofile setprofile_all_threads"
            " settrace settrace_all_threads",
            "_thread": "start_new_thread start_new start_joinable_thread get_ident interrupt_main"
            " exit exit_thread get_native_id",
            "concurrent.futures": "ThreadPoolExecutor ProcessPoolExecutor InterpreterPoolExecutor",
            "concurrent.interpreters": "*",
            "multiprocessing": "Process Pool Manager Queue SimpleQueue JoinableQueue Pipe Lock"
            " RLock Semaphore BoundedSemaphore Condition Event Barrier Value Array RawValue"
            " RawArray active_children current_process parent_process get_context"
            " get_start_method set_start_method get_all_start_methods set_executable"
            " set_forkserver_preload allow_connection_pickling freeze_support log_to_stderr"
            " get_logger",
            "multiprocessing.pool": "Pool ThreadPool",
            "multiprocessing.process": "current_process active_children parent_process",
            "multiprocessing.shared_memory": "SharedMemory ShareableList",
            "multiprocessing.managers": "SyncManager BaseManager SharedMemoryManager",
            "multiprocessing.connection": "Client Listener Pipe",
            "multiprocessing.dummy": "*",
            "asyncio": "to_thread run Runner run_coroutine_threadsafe new_event_loop set_event_loop"
            " get_event_loop_policy set_event_loop_policy get_child_watcher set_child_watcher"
            " SelectorEventLoop ProactorEventLoop EventLoop",
            "asyncio.Runner": "run get_loop",
            "asyncio.AbstractEventLoop": "run_in_executor call_soon_threadsafe set_default_executor"
            " run_until_complete run_forever shutdown_default_executor",
            "queue": "Queue LifoQueue PriorityQueue SimpleQueue",
            "sched": "scheduler",
            "os": "register_at_fork",
            "signal": "pthread_kill",
            "socketserver": "ThreadingMixIn ForkingMixIn",
        },
        "foreign_await": {
            "asyncio": "wrap_future",
        },
    },
    advice={
        "asyncio.to_thread": "await an activity; a plain `def` activity runs in a thread",
        "asyncio.AbstractEventLoop.run_in_executor": (
            "await an activity; a plain `def` activity runs in a thread"
        ),
        "threading.Lock": "asyncio.Lock()",
        "threading.RLock": "asyncio.Lock()",
        "threading.Event": "asyncio.Event()",
        "threading.Thread": "asyncio.create_task(...)",
        "threading.Semaphore": "asyncio.Semaphore(...)",
        "threading.Condition": "asyncio.Condition()",
        "queue.Queue": "asyncio.Queue()",
        "queue.PriorityQueue": "asyncio.PriorityQueue()",
        "queue.LifoQueue": "asyncio.LifoQueue()",
        "asyncio.run": "await it",
    },
    pure={
        "threading": "local ThreadError excepthook ExceptHookArgs WeakSet TIMEOUT_MAX"
        " BrokenBarrierError",
        "_thread": "*",
        "concurrent.futures": "Future Executor CancelledError BrokenExecutor FIRST_COMPLETED",
        "multiprocessing.process": "BaseProcess AuthenticationString",
        "multiprocessing.pool": "MapResult AsyncResult IMapIterator",
        "multiprocessing": "TimeoutError ProcessError BufferTooShort AuthenticationError reducer",
        "sched": "Event",
    },
    results={
        "threading": {"Lock": "threading.Lock", "RLock": "threading.RLock"},
        "multiprocessing": {
            "Pool": "multiprocessing.pool.Pool",
            "Queue": "multiprocessing.queues.Queue",
            "SimpleQueue": "multiprocessing.queues.SimpleQueue",
            "JoinableQueue": "multiprocessing.queues.JoinableQueue",
            "Event": "multiprocessing.synchronize.Event",
            "Lock": "multiprocessing.synchronize.Lock",
            "Semaphore": "multiprocessing.synchronize.Semaphore",
            "Pipe": (
                "builtins.tuple[multiprocessing.connection.Connection, "
                "multiprocessing.connection.Connection]"
            ),
            "get_context": "multiprocessing.context.BaseContext",
            "Process": "multiprocessing.process.BaseProcess",
        },
        "asyncio": {"new_event_loop": "asyncio.SelectorEventLoop"},
        "asyncio.Runner": {"get_loop": "asyncio.SelectorEventLoop"},
    },
    bases={
        "asyncio.SelectorEventLoop": "asyncio.AbstractEventLoop",
        "asyncio.ProactorEventLoop": "asyncio.SelectorEventLoop",
        "asyncio.EventLoop": "asyncio.SelectorEventLoop",
        "multiprocessing.pool.ThreadPool": "multiprocessing.pool.Pool",
        "concurrent.futures.InterpreterPoolExecutor": "concurrent.futures.ThreadPoolExecutor",
    },
    aliases={
        "concurrent.futures.thread": "concurrent.futures",
        "concurrent.futures.process": "concurrent.futures",
        "concurrent.futures._base": "concurrent.futures",
        "asyncio.threads": "asyncio",
        "asyncio.runners": "asyncio",
        "asyncio.base_events": "asyncio",
        "asyncio.selector_events": "asyncio",
        "asyncio.unix_events": "asyncio",
        "multiprocessing.context.BaseContext": "multiprocessing",
    },
)
