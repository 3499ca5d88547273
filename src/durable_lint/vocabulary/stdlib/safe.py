"""What is deterministic, what is durable when awaited, and other spellings of names."""

from typing import Final

from durable_lint.vocabulary.family import Family

__all__ = ["SAFE"]

SAFE: Final = Family(
    pure={
        "builtins": "abs aiter all anext any ascii bin bool bytearray bytes callable chr"
        " classmethod complex delattr dict dir divmod enumerate filter float format frozenset"
        " getattr globals hasattr hex int isinstance issubclass iter len list locals map max"
        " memoryview min next object oct ord pow property range repr reversed round set setattr"
        " slice sorted staticmethod str sum super tuple type vars zip Ellipsis NotImplemented"
        " copyright credits license",
        "abc": "*",
        "argparse": "*",
        "array": "*",
        "base64": "*",
        "binascii": "*",
        "bisect": "*",
        "cmath": "*",
        "collections": "*",
        "colorsys": "*",
        "contextlib": "*",
        "copy": "*",
        "dataclasses": "*",
        "difflib": "*",
        "enum": "*",
        "fractions": "*",
        "functools": "*",
        "getopt": "*",
        "graphlib": "*",
        "heapq": "*",
        "html": "*",
        "itertools": "*",
        "keyword": "*",
        "math": "*",
        "numbers": "*",
        "optparse": "*",
        "quopri": "*",
        "reprlib": "*",
        "statistics": "*",
        "string": "*",
        "stringprep": "*",
        "struct": "*",
        "textwrap": "*",
        "typing": "*",
        "unicodedata": "*",
        "unittest.mock": "*",
        "xml": "*",
        "asyncio": "sleep gather wait_for timeout timeout_at TaskGroup create_task ensure_future"
        " shield wait as_completed Queue LifoQueue PriorityQueue Event Lock Semaphore"
        " BoundedSemaphore Condition Barrier Future Task current_task all_tasks iscoroutine"
        " iscoroutinefunction isfuture get_running_loop get_event_loop CancelledError"
        " TimeoutError InvalidStateError QueueEmpty QueueFull QueueShutDown Timeout Handle"
        " TimerHandle AbstractEventLoop AbstractEventLoopPolicy AbstractServer Server"
        " StreamReader StreamWriter StreamReaderProtocol BaseProtocol BaseTransport"
        " BufferedProtocol Protocol Transport ReadTransport WriteTransport DatagramProtocol"
        " DatagramTransport SubprocessProtocol SubprocessTransport BaseEventLoop"
        " DefaultEventLoopPolicy AbstractChildWatcher FastChildWatcher SafeChildWatcher"
        " MultiLoopChildWatcher PidfdChildWatcher ThreadedChildWatcher create_eager_task_factory"
        " eager_task_factory FIRST_COMPLETED ALL_COMPLETED FIRST_EXCEPTION capture_call_graph"
        " format_call_graph future_add_to_awaited_by future_discard_from_awaited_by"
        " FrameCallGraphEntry FutureCallGraph",
    },
    safe={
        "asyncio": "sleep gather wait_for timeout timeout_at TaskGroup create_task ensure_future"
        " shield wait as_completed Queue LifoQueue PriorityQueue Event Lock Semaphore"
        " BoundedSemaphore Condition Barrier Future Task current_task Timeout",
        "asyncio.Queue": "*",
        "asyncio.LifoQueue": "*",
        "asyncio.PriorityQueue": "*",
        "asyncio.Event": "*",
        "asyncio.Lock": "*",
        "asyncio.Semaphore": "*",
        "asyncio.BoundedSemaphore": "*",
        "asyncio.Condition": "*",
        "asyncio.Barrier": "*",
        "asyncio.Future": "*",
        "asyncio.Task": "*",
        "asyncio.TaskGroup": "*",
        "asyncio.Timeout": "*",
        "asyncio.AbstractEventLoop": "create_future create_task",
        "builtins": "anext aiter",
        "contextlib": "AsyncExitStack aclosing nullcontext asynccontextmanager"
        " AbstractAsyncContextManager",
        "contextlib.AsyncExitStack": "*",
        "inspect": "isawaitable iscoroutine",
    },
    aliases={
        **{
            f"asyncio.{module}": "asyncio"
            for module in (
                *("tasks", "locks", "queues", "futures", "taskgroups", "timeouts", "coroutines"),
                *("events", "exceptions", "mixins", "protocols", "transports", "base_futures"),
            )
        },
        "_asyncio": "asyncio",
        "asyncio.exceptions.CancelledError": "asyncio.CancelledError",
        "asyncio.exceptions.TimeoutError": "builtins.TimeoutError",
        "asyncio.TimeoutError": "builtins.TimeoutError",
        "socket.timeout": "builtins.TimeoutError",
        "socket.error": "builtins.OSError",
        "os.error": "builtins.OSError",
        "select.error": "builtins.OSError",
        "builtins.IOError": "builtins.OSError",
        "builtins.EnvironmentError": "builtins.OSError",
        "concurrent.futures.TimeoutError": "builtins.TimeoutError",
        "_random": "random",
        "_datetime": "datetime",
        "_pydatetime": "datetime",
        "_decimal": "decimal",
        "_pydecimal": "decimal",
        "_operator": "operator",
        "_functools": "functools",
        "_collections": "collections",
        "_heapq": "heapq",
        "_bisect": "bisect",
        "_contextvars": "contextvars",
        "_weakref": "weakref",
        "_weakrefset": "weakref",
        "_struct": "struct",
        "_csv": "csv",
        "_signal": "signal",
        "_posixsubprocess": "subprocess",
        "_collections_abc": "typing",
        "_collections_abc.Set": "typing.AbstractSet",
        "collections.abc": "typing",
        "collections.abc.Set": "typing.AbstractSet",
        "collections.abc.ByteString": "builtins.bytes",
        "typing_extensions": "typing",
        "typing.List": "builtins.list",
        "typing.Dict": "builtins.dict",
        "typing.Set": "builtins.set",
        "typing.FrozenSet": "builtins.frozenset",
        "typing.Tuple": "builtins.tuple",
        "typing.Type": "builtins.type",
        "typing.Text": "builtins.str",
        "typing.DefaultDict": "collections.defaultdict",
        "typing.OrderedDict": "collections.OrderedDict",
        "typing.Counter": "collections.Counter",
        "typing.ChainMap": "collections.ChainMap",
        "typing.Deque": "collections.deque",
        "typing.Pattern": "re.Pattern",
        "typing.Match": "re.Match",
        "typing.ContextManager": "contextlib.AbstractContextManager",
        "typing.AsyncContextManager": "contextlib.AbstractAsyncContextManager",
        "types.CoroutineType": "typing.Coroutine",
    },
)
