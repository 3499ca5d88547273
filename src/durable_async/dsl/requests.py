"""Questions that an orchestrator answers while it runs. Invariant: a request is answered once, by
the code, or turned down because its data does not fit; one that the code leaves alone stays open
until the execution ends.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar, overload

import attrs

from durable_async.convert.refusals import RefusedError, shown
from durable_async.convert.texts import check_text
from durable_async.convert.values import ValueConverter
from durable_async.dsl.context import converter_of, encoded, refuse_in_operation, required
from durable_async.dsl.loggers import get_logger
from durable_async.errors import SerializationError
from durable_async.lines import Place, place_of, user_place
from durable_async.ports import OrchestratorRuntime

if TYPE_CHECKING:
    from typing_extensions import TypeForm

__all__ = ["Request", "requests"]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

_LOGGER: Final = "durable_async.worker"


@attrs.define(eq=False, kw_only=True)
class Request(Generic[T_co]):
    """A question, asked with `handle.ask`, that waits for its answer. Made by `da.requests`.

    name: what was asked for. data: what came with it. Answer it once, now or later: as long as
    nobody does, the asker waits. One that is open when the instance ends, or continues as new, is
    never answered, and the asker is told so.
    Known elsewhere as: Temporal's workflow updates, Restate's handlers of a workflow.
    """

    name: str
    data: T_co
    _id: str
    _answered_at: str | None = None

    def reply(self, value: Any = None) -> None:
        """Answer it. Issued at once, not awaited; the asker has it when the episode commits.

        value: anything with an unambiguous stored form; the asker says what it is read back as.
        Raises: RuntimeError if it was answered before; SerializationError, and then it is still
        open; OutsideOrchestratorError.
        Records: RequestAnswered.
        """
        runtime, line = self._begin_answer("reply", user_place(2))
        what = f"the reply to request {self.name!r}"
        payload = encoded(runtime, value, what=what)
        self._answered_at = line
        runtime.answer_request(request_id=self._id, result=payload, reason="", line=line)

    def reject(self, reason: str) -> None:
        """Turn it down: `ask` raises RequestRejectedError with this reason. As `reply` otherwise.

        Raises: ValueError for an empty reason; RuntimeError if it was answered before;
        OutsideOrchestratorError.
        Records: RequestAnswered.
        """
        runtime, line = self._begin_answer("reject", user_place(2))
        check_text(reason, what="the reason of a rejection", lines=True)
        self._answered_at = line
        runtime.answer_request(request_id=self._id, result=None, reason=reason, line=line)

    def _begin_answer(self, verb: str, place: Place | None) -> tuple[OrchestratorRuntime, str]:
        runtime = required(
            f"Request.{verb}",
            "Whoever took the request answers it: return what is to be said to the orchestrator",
        )
        line = place_of(place)
        if self._answered_at is not None:
            raise RuntimeError(
                f"request {self.name!r} is answered a second time at {line}; it was answered at "
                f"{self._answered_at}, and the asker has that. Answer each request once"
            )
        return runtime, line

    def __repr__(self) -> str:
        state = "open" if self._answered_at is None else f"answered at {self._answered_at}"
        return f"<request {self.name!r}, {state}, of {self.data!r}>"


@overload
def requests(name: str, /) -> AsyncIterator[Request[Any]]: ...
@overload
def requests(name: str, type: TypeForm[T], /) -> AsyncIterator[Request[T]]: ...
def requests(name: str, type: Any = Any, /) -> AsyncIterator[Request[Any]]:
    """Questions asked with `handle.ask(name, data)`, one after the other, without end:
    `async for request in da.requests("quote", int): request.reply(price * request.data)`.

    name: matched exactly. type: of the data, `int | None` and the like included; without one, plain
    JSON types. Requests wait until they are taken, in the order in which they came; data that does
    not fit is turned down with the reason, which is logged, and the loop goes on. Leave the loop
    or cancel its task to take no more. To go on with other work meanwhile, run it as a task.
    Raises: ValueError for an empty name; SerializationError for a type that has no stored form;
    OutsideOrchestratorError; asyncio.CancelledError if the wait is cancelled.
    Records: EventAwaited, and EventReceived when one comes; RequestAnswered for what does not fit.
    Known elsewhere as: Temporal's workflow updates and queries, Restate's shared handlers.
    """
    refuse_in_operation(f"requests {name!r} are awaited")
    runtime = required("requests")
    check_text(name, what="the name of a request")
    data = converter_of(runtime).value(type, what=f"the data of request {name!r}")
    data.check_form()
    return _RequestStream(name, data, user_place(2))


class _RequestStream(AsyncIterator[Request[Any]]):
    """Not an async generator: leaving the loop early leaves nothing to be closed."""

    def __init__(self, name: str, data: ValueConverter, place: Place | None) -> None:
        self._name = name
        self._data = data
        self._place = place

    async def __anext__(self) -> Request[Any]:
        runtime = required("requests")
        while True:
            request_id, payload = await runtime.wait_for_request(name=self._name, line=self._line)
            try:
                value = self._data.decode(payload)
            except SerializationError as error:
                reason = self._misfit(error)
                get_logger(_LOGGER).warning("a request is turned down: %s", reason)
                runtime.answer_request(
                    request_id=request_id, result=None, reason=reason, line=self._line
                )
            else:
                return Request(name=self._name, data=value, id=request_id)

    def _misfit(self, error: SerializationError) -> str:
        """For the asker, who has no hint to change."""
        refused = error.__context__
        if not isinstance(refused, RefusedError):
            return str(error)
        at = f", at {''.join(refused.path)}," if refused.path else ""
        value = f"{shown(refused.value)} ({type(refused.value).__name__})"
        advice = f". {refused.advice}" if refused.advice else ""
        return (
            f"the data of request {self._name!r}{at} is {value}, which does not fit "
            f"{refused.expected}{advice}"
        )

    def _line(self) -> str:
        return place_of(self._place)
