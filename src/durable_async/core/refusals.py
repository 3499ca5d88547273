"""What cannot be durable, and what to write instead. Invariant: every refusal names the function,
the user's line, and a way out."""

from __future__ import annotations

import asyncio
from typing import Any, Final, NoReturn

from durable_async.errors import NotDurableError

__all__ = ["REFUSED", "RUNNING", "RefusingLoop", "not_durable"]

_ACTIVITY: Final = (
    "do it in an activity and await that: its result is recorded, and replay gives it back"
)
_THREAD: Final = (
    "write the function as a plain `def` activity: it runs in a thread of a worker, and its "
    "result is recorded"
)
RUNNING: Final = (
    "the loop of an orchestrator is run by its worker: await the coroutine, or use "
    "asyncio.create_task"
)
_OTHER_THREAD: Final = (
    "another thread is not part of the recorded history: let it raise an external event "
    "(handle.raise_event) and await da.wait_for_event here"
)
_SIGNAL: Final = "signals reach a process, not an instance: raise an external event instead"
_EAGER: Final = (
    "eager tasks run before they are numbered: leave out eager_start and the eager task factory"
)

REFUSED: Final[dict[str, tuple[str, str]]] = {
    "run_in_executor": ("asyncio.to_thread / loop.run_in_executor", _THREAD),
    "set_default_executor": ("loop.set_default_executor", _THREAD),
    "call_soon_threadsafe": ("loop.call_soon_threadsafe", _OTHER_THREAD),
    "getaddrinfo": ("loop.getaddrinfo", _ACTIVITY),
    "getnameinfo": ("loop.getnameinfo", _ACTIVITY),
    "create_connection": ("loop.create_connection", _ACTIVITY),
    "create_server": ("loop.create_server", _ACTIVITY),
    "create_unix_connection": ("loop.create_unix_connection", _ACTIVITY),
    "create_unix_server": ("loop.create_unix_server", _ACTIVITY),
    "create_datagram_endpoint": ("loop.create_datagram_endpoint", _ACTIVITY),
    "connect_accepted_socket": ("loop.connect_accepted_socket", _ACTIVITY),
    "start_tls": ("loop.start_tls", _ACTIVITY),
    "sendfile": ("loop.sendfile", _ACTIVITY),
    "connect_read_pipe": ("loop.connect_read_pipe", _ACTIVITY),
    "connect_write_pipe": ("loop.connect_write_pipe", _ACTIVITY),
    "subprocess_shell": ("asyncio.create_subprocess_shell", _ACTIVITY),
    "subprocess_exec": ("asyncio.create_subprocess_exec", _ACTIVITY),
    "add_reader": ("loop.add_reader", _ACTIVITY),
    "remove_reader": ("loop.remove_reader", _ACTIVITY),
    "add_writer": ("loop.add_writer", _ACTIVITY),
    "remove_writer": ("loop.remove_writer", _ACTIVITY),
    "sock_recv": ("loop.sock_recv", _ACTIVITY),
    "sock_recv_into": ("loop.sock_recv_into", _ACTIVITY),
    "sock_recvfrom": ("loop.sock_recvfrom", _ACTIVITY),
    "sock_recvfrom_into": ("loop.sock_recvfrom_into", _ACTIVITY),
    "sock_sendall": ("loop.sock_sendall", _ACTIVITY),
    "sock_sendto": ("loop.sock_sendto", _ACTIVITY),
    "sock_connect": ("loop.sock_connect", _ACTIVITY),
    "sock_accept": ("loop.sock_accept", _ACTIVITY),
    "sock_sendfile": ("loop.sock_sendfile", _ACTIVITY),
    "add_signal_handler": ("loop.add_signal_handler", _SIGNAL),
    "remove_signal_handler": ("loop.remove_signal_handler", _SIGNAL),
    "set_task_factory": ("loop.set_task_factory", _EAGER),
    "run_forever": ("loop.run_forever", RUNNING),
    "run_until_complete": ("loop.run_until_complete", RUNNING),
    "stop": ("loop.stop", RUNNING),
    "close": ("loop.close", RUNNING),
}
"""Methods of an event loop that leave the process or the thread: their name, and the way out."""


def not_durable(what: str, way_out: str, line: str) -> NotDurableError:
    """The error for `what`, called at `line` ("file:line")."""
    where = f" at {line}" if line else ""
    return NotDurableError(f"{what} cannot be durable{where}. Way out: {way_out}.")


def _refusing(method: str) -> Any:
    """A loop's method that refuses at the call, before anything is awaited."""
    what, way_out = REFUSED[method]

    def refuse(self: RefusingLoop, /, *args: Any, **kwargs: Any) -> NoReturn:
        raise not_durable(what, way_out, self.user_line())

    refuse.__name__ = method
    refuse.__doc__ = f"Refused: {what} cannot be durable. {way_out[0].upper()}{way_out[1:]}."
    return refuse


class RefusingLoop(asyncio.AbstractEventLoop):
    """The half of an event loop that no orchestrator has."""

    def user_line(self) -> str:
        """ "file:line" of the user's code that is running, or that made the running task."""
        raise NotImplementedError

    run_in_executor = _refusing("run_in_executor")
    set_default_executor = _refusing("set_default_executor")
    call_soon_threadsafe = _refusing("call_soon_threadsafe")
    getaddrinfo = _refusing("getaddrinfo")
    getnameinfo = _refusing("getnameinfo")
    create_connection = _refusing("create_connection")
    create_server = _refusing("create_server")
    create_unix_connection = _refusing("create_unix_connection")
    create_unix_server = _refusing("create_unix_server")
    create_datagram_endpoint = _refusing("create_datagram_endpoint")
    connect_accepted_socket = _refusing("connect_accepted_socket")
    start_tls = _refusing("start_tls")
    sendfile = _refusing("sendfile")
    connect_read_pipe = _refusing("connect_read_pipe")
    connect_write_pipe = _refusing("connect_write_pipe")
    subprocess_shell = _refusing("subprocess_shell")
    subprocess_exec = _refusing("subprocess_exec")
    add_reader = _refusing("add_reader")
    remove_reader = _refusing("remove_reader")
    add_writer = _refusing("add_writer")
    remove_writer = _refusing("remove_writer")
    sock_recv = _refusing("sock_recv")
    sock_recv_into = _refusing("sock_recv_into")
    sock_recvfrom = _refusing("sock_recvfrom")
    sock_recvfrom_into = _refusing("sock_recvfrom_into")
    sock_sendall = _refusing("sock_sendall")
    sock_sendto = _refusing("sock_sendto")
    sock_connect = _refusing("sock_connect")
    sock_accept = _refusing("sock_accept")
    sock_sendfile = _refusing("sock_sendfile")
    add_signal_handler = _refusing("add_signal_handler")
    remove_signal_handler = _refusing("remove_signal_handler")
    set_task_factory = _refusing("set_task_factory")
    run_forever = _refusing("run_forever")
    run_until_complete = _refusing("run_until_complete")
    stop = _refusing("stop")
    close = _refusing("close")
