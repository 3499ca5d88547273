"""Every public error. Invariant: a message says what is wrong, with the values, then what to do.

DurableError
├── NonDeterminismError          the code no longer asks for what history recorded
├── NotDurableError              a call that cannot be replayed, made inside an orchestrator
├── OutsideOrchestratorError     a durable function called where no orchestrator runs
├── LivelockError                an orchestrator that runs on and on without waiting for anything
├── DeadlockError                an orchestrator that waits for something that nothing will bring
├── ActivityTimeoutError         an attempt (or the silence between heartbeats) took too long
├── WorkerLostError              the worker of an activity died, more often than is tolerated
├── RemoteError                  an exception whose class this process cannot rebuild
├── SerializationError           a value that does not fit its type hint, or has no stored form
│   └── PayloadTooLargeError     a value whose stored form is over the limit
├── InstanceNotFoundError        no instance of this id
├── InstanceAlreadyExistsError   the id is taken
├── InstanceFinishedError        a verb for live instances, used on an ended one
├── InstanceTerminatedError      the awaited instance was terminated
├── InstanceCancelledError       the awaited instance was cancelled
├── InvalidStateError            a verb that does not fit how the instance stands
├── LockError                    a critical section used in a way that could never end
├── RequestRejectedError         the orchestrator turned the request down
├── NotRegisteredError           no definition of this name was given to the worker
├── HistoryLimitError            an execution with more events than an engine keeps
└── StoreError                   the engine's store cannot be used
    ├── LeaseLostError           another worker has taken this work over
    └── EngineLimitError         the engine cannot do what was asked
"""

from __future__ import annotations

__all__ = [
    "ActivityTimeoutError",
    "DeadlockError",
    "DurableError",
    "EngineLimitError",
    "HistoryLimitError",
    "InstanceAlreadyExistsError",
    "InstanceCancelledError",
    "InstanceFinishedError",
    "InstanceNotFoundError",
    "InstanceTerminatedError",
    "InvalidStateError",
    "LeaseLostError",
    "LivelockError",
    "LockError",
    "NonDeterminismError",
    "NotDurableError",
    "NotDurableWarning",
    "NotRegisteredError",
    "OutsideOrchestratorError",
    "PayloadTooLargeError",
    "RemoteError",
    "RequestRejectedError",
    "SerializationError",
    "StoreError",
    "WorkerLostError",
]


class DurableError(Exception):
    """The root of every error that durable_async raises.

    Raised as itself by `activity_info` where no worker runs an activity, and by `da.run` and
    `testing` for an instance that is BLOCKED for another reason than a mismatch.
    """


class NonDeterminismError(DurableError):
    """The code, replayed, asks for something else than what history recorded.

    Never raised into an orchestrator: the instance is held BLOCKED until its code fits
    again. Raised by `da.run`, by `testing` and from `testing.replay`. The message has both
    lines: roll the code back, or make it ask for the same again.
    """


class NotDurableError(DurableError):
    """Something that leaves the process or the thread was called inside an orchestrator.

    The message names the function, the line, and the durable way to do the same.
    """


class OutsideOrchestratorError(DurableError):
    """A function that only means something inside an orchestrator was called elsewhere.

    Call it there, and hand on what it gives as an argument.
    """


class LivelockError(DurableError):
    """An orchestrator took 10,000 steps in a row that brought nothing about; its instance fails.

    Wait for something durable in the loop that the message names.
    """


class DeadlockError(DurableError):
    """Every task of an orchestrator waits for another one, and for nothing outside.

    Raised by `da.run` and `testing`; elsewhere `waiting_for` is "nothing". Mend the code at the
    lines that the message names; `terminate` ends the instance.
    """


class ActivityTimeoutError(DurableError, TimeoutError):
    """An activity took longer than its `timeout`, or was silent longer than its
    `heartbeat_timeout`, and no attempt is left.

    Whether it took effect is unknown. Raise the limit, send heartbeats, or allow more attempts.
    """


class WorkerLostError(DurableError):
    """The workers that ran this activity died: five times, or once with `on_lost="fail"`.

    Whether it took effect is unknown. Look for what kills them.
    """


class RemoteError(DurableError):
    """An exception from elsewhere, of a class that this process cannot rebuild.

    type_name: its class, as "module:qualname". message: its text. traceback: as formatted
    where it was raised. A note says why. Put the class into a module that every process imports.
    """

    def __init__(self, type_name: str, message: str, traceback: str = "") -> None:
        super().__init__(type_name, message, traceback)
        self.type_name = type_name
        self.message = message
        self.traceback = traceback

    def __str__(self) -> str:
        return f"{self.type_name}: {self.message}" if self.message else self.type_name


class SerializationError(DurableError):
    """A value does not fit its type hint, or has no stored form. Never tried again.

    The message names argument or result, value and hint: pass what fits, change the hint, or give
    the converter a hook for the type.
    """


class PayloadTooLargeError(SerializationError):
    """The stored form of a value is over the limit; it is refused where it is made.

    Keep it in a file or an object store, and pass its name.
    """


class InstanceNotFoundError(DurableError):
    """No instance of this id exists in this namespace of this store. Check all three."""


class InstanceAlreadyExistsError(DurableError):
    """The id is taken, by a live instance or by an ended one.

    Choose another id, or say `if_exists="attach"` or `"replace"`.
    """


class InstanceFinishedError(DurableError):
    """The instance has ended; what was asked needs a live one. Start a new one if need be."""


class InstanceTerminatedError(DurableError):
    """The awaited instance was terminated by an operator; it has no result.

    None of its code ran, so that nothing was undone. Start it anew if it is still wanted.
    """


class InstanceCancelledError(DurableError):
    """The awaited instance was cancelled, and has no result. It is no asyncio.CancelledError: who
    awaits it was not cancelled.

    Its own code ran to undo what it had done, unless it had not begun. Start it anew if it is
    still wanted.
    """


class InvalidStateError(DurableError):
    """The instance does not stand as the verb needs it: only a failed one can be rewound, only an
    ended one restarted or purged. The message says how it stands."""


class LockError(DurableError):
    """A critical section is used in a way that could wait for itself for ever.

    Inside one there is no other section, no child, and no call of an entity that it has not
    locked. Lock all of them together in one `async with da.lock(...)`, or do it outside.
    """


class RequestRejectedError(DurableError):
    """The orchestrator was asked, and turned the request down: by `request.reject`, or as the data
    does not fit the type that it takes. The message says why."""


class NotRegisteredError(DurableError):
    """No definition of this name (and version) was given to the worker.

    Raised by `da.run` and `testing`; elsewhere the instance waits for a worker that has it. Give
    the definition, or for a method an instance of its class.
    """


class HistoryLimitError(DurableError):
    """An execution has recorded more events than an engine keeps for one; its instance fails.

    Go on with a fresh history now and then (`da.continue_as_new`), or split the work over several
    instances.
    """


class StoreError(DurableError):
    """The store cannot be opened, read or written.

    The message says what is wrong with it and what to do. Unless it says otherwise, nothing of
    what was asked was stored.
    """


class LeaseLostError(StoreError):
    """The work was taken over by another worker, or somebody ended or suspended the instance; what
    this worker did for it is refused. became: of the latter, which, e.g. "was terminated"; else "".

    Workers deal with it themselves. If it is often in the log, and not for such a reason, something
    stops the process for longer than the lease time.
    """

    became: str = ""


class EngineLimitError(StoreError):
    """The engine, by its nature or in this release, cannot do what was asked. Use another one."""


class NotDurableWarning(UserWarning):
    """Decorated code ran as plain code, where a durable run may have been meant.

    `client.start(...)` runs it durably; `checkout.fn(...)` says that plain code is meant.
    """
