"""Exceptions as failures, and failures as exceptions.

Invariant: an exception arrives as itself only if it is the same but for what a note names; else
it arrives as a RemoteError. Rebuilding imports nothing and runs no code of the exception's
class: `__new__` and `__init__` of its builtin base get the recorded arguments, then the recorded
attributes go into its slots and its dict. (`AttributeError.obj` stays behind, as with pickle.)

Whether that works for an exception is tried where it was raised, before it is promised.
"""

from __future__ import annotations

import asyncio
import re
import struct
import traceback
from types import FrameType, GetSetDescriptorType, MemberDescriptorType
from typing import Any, Final, cast

import attrs
import msgspec

from durable_async import errors
from durable_async.convert.jsonform import from_json, to_json
from durable_async.convert.naming import (
    BUILTIN_CLASSES,
    dict_of,
    find_class,
    has_own_new,
    is_found,
    name_of,
    slots_of,
)
from durable_async.convert.parcels import Packer, Unpacker, set_plainly
from durable_async.convert.values import Converter
from durable_async.errors import DurableError, PayloadTooLargeError, RemoteError
from durable_async.lines import is_machinery, is_users_file
from durable_async.model.failure import Failure
from durable_async.model.payload import PAYLOAD_WARNING, Payload

__all__ = [
    "exception_of",
    "failure_of",
    "failure_of_exception",
    "is_rebuildable",
    "missing_classes",
    "opened",
]

_KNOWN: Final = "__durable_failure__"
"""The attribute that keeps a rebuilt exception's Failure."""

_MARKS: Final = "__durable_"
"""How the names of attributes begin that mark an exception, and are no part of it."""

_NOTES: Final = "__notes__"

_MESSAGE_LIMIT: Final = 32 * 1024
_NOTE_LIMIT: Final = 8 * 1024
_TRACEBACK_LIMIT: Final = 16 * 1024
_NOTES_KEPT: Final = 64
_OUTER_FRAMES: Final = 4
_INNER_FRAMES: Final = 20
_DEPTH: Final = 24
"""How many causes, groups and carried exceptions are followed inwards."""

_NEVER_REBUILT: Final = (SystemExit, KeyboardInterrupt, GeneratorExit, asyncio.CancelledError)
"""Raised again elsewhere, these would end or cancel who only asked for a result."""

# ---- exception -> failure ------------------------------------------------------------------


def failure_of_exception(
    error: BaseException,
    *,
    converter: Converter,
    activity: str | None = None,
    attempt: int | None = None,
    instance_id: str | None = None,
) -> Failure:
    """The exception as a value. Never raises.

    activity, attempt, instance_id: where it was raised; if none is given, what is known of it
    from an earlier crossing stays. A StopIteration becomes the cause of a RuntimeError, as it
    does in coroutines.
    """
    if isinstance(error, StopIteration):
        error = _as_runtime_error(error)
    # What a failure holds goes through the codec once, as a whole.
    plain = converter if converter.codec is None else converter.with_codec(None)
    failure = _Recorder(plain).failure(error)
    if activity is not None or attempt is not None or instance_id is not None:
        failure = attrs.evolve(failure, activity=activity, attempt=attempt, instance_id=instance_id)
    return failure if converter.codec is None else _sealed(failure, converter)


def failure_of(error: BaseException) -> Failure | None:
    """What was recorded of an exception that crossed the durable boundary; None of any other."""
    known = dict_of(error).get(_KNOWN)
    return known if isinstance(known, Failure) else None


def _as_runtime_error(error: StopIteration) -> RuntimeError:
    wrapped = RuntimeError(f"{type(error).__qualname__} was raised where nothing is iterated")
    wrapped.__cause__ = error
    return wrapped.with_traceback(error.__traceback__)


class _Recorder:
    """Turns an exception, and those that it holds, into a Failure."""

    def __init__(self, converter: Converter) -> None:
        self._converter = converter
        self._inside: list[int] = []  # ids of the exceptions around the one at hand
        self._done: dict[int, Failure] = {}  # by id: one may be cause and attribute at once

    def failure(self, error: BaseException) -> Failure:
        done = self._done.get(id(error))
        if done is None:
            self._inside.append(id(error))
            try:
                done = self._done[id(error)] = self._failure(error)
            finally:
                self._inside.pop()
        return done

    def _failure(self, error: BaseException) -> Failure:
        known = failure_of(error)
        text = _traceback(error, known)
        cause, ended = self._cause(error)
        notes = (*_notes(error), *ended)
        if known is not None and isinstance(error, RemoteError):
            # It goes on as what it was: where its class is at hand it is rebuilt after all.
            return attrs.evolve(known, notes=notes, cause=cause, traceback=text)
        return Failure(
            type_name=name_of(type(error)),
            message=_message(error),
            traceback=text,
            notes=notes,
            cause=cause,
            activity=known.activity if known is not None else None,
            attempt=known.attempt if known is not None else None,
            instance_id=known.instance_id if known is not None else None,
            mro=tuple(name_of(cls) for cls in type(error).__mro__ if cls is not object),
            members=self._members(error),
            arguments=self._arguments(error),
        )

    def _cause(self, error: BaseException) -> tuple[Failure | None, tuple[str, ...]]:
        """Its cause, or a note that says why the chain ends here."""
        cause = error.__cause__
        if cause is None:
            return None, ()
        if id(cause) in self._inside:
            return None, (f"its cause is {type(cause).__name__}, which it caused itself",)
        if len(self._inside) > _DEPTH:
            return None, (f"its cause, {type(cause).__name__}, is left out: the chain is long",)
        return self.failure(cause), ()

    def _members(self, error: BaseException) -> tuple[Failure, ...]:
        if not isinstance(error, BaseExceptionGroup) or len(self._inside) > _DEPTH:
            return ()
        return tuple(self.failure(member) for member in error.exceptions)

    def _part(self, error: BaseException) -> Failure | None:
        """Of an exception that another one carries as an argument or attribute."""
        if id(error) in self._inside or len(self._inside) > _DEPTH:
            return None
        return attrs.evolve(self.failure(error), traceback="")

    def _arguments(self, error: BaseException) -> Payload | None:
        """How to rebuild it; None if what comes out would not be the same."""
        cls = type(error)
        if _why_never(cls) or not is_found(cls) or len(self._inside) > _DEPTH:
            return None
        unpacker = Unpacker(lambda part: exception_of(part, converter=self._converter))
        try:
            form = _form(error, Packer(self._part), unpacker)
            data = to_json(form)
            rebuilt = _rebuilt(cls, from_json(data), unpacker, _members_of(error))
            text = _text(rebuilt)
            if text is None or (text != _text(error) and "lost" not in form):
                return None
            if len(data) >= PAYLOAD_WARNING:
                return None
            return self._converter.seal(data, what=f"what {cls.__name__} carries")
        except Exception:
            return None  # whatever it was: an exception that is lost on the way would be worse


# ---- through the codec ---------------------------------------------------------------------

_SECRET: Final = ("message", "traceback", "notes", "cause", "arguments", "members")
"""What a failure says of the exception beyond its class, and where it was raised."""


def _sealed(failure: Failure, converter: Converter) -> Failure:
    """Without a codec that does its work, only the class is left: nothing goes round it."""
    bare = attrs.evolve(
        failure, message="", traceback="", notes=(), cause=None, arguments=None, members=()
    )
    try:
        try:
            sealed = _seal(failure, converter)
        except PayloadTooLargeError:  # a large group: what it says of itself
            short = attrs.evolve(failure, cause=None, arguments=None, members=())
            sealed = _seal(short, converter)
    except Exception as error:
        # Not the error's text: it may be about the value.
        why = f"(left out: {type(error).__name__} when it was to go through the codec)"
        return attrs.evolve(bare, message=why)
    return attrs.evolve(bare, sealed=sealed)


def _seal(failure: Failure, converter: Converter) -> Payload:
    data = msgspec.json.encode({name: getattr(failure, name) for name in _SECRET})
    return converter.seal(data, what=f"what is known of a {failure.type_name}")


def opened(failure: Failure, converter: Converter) -> Failure:
    """The failure with all that the codec can read of it. Never raises: what cannot be read is
    said in its message."""
    if failure.sealed is None:
        return failure
    try:
        data = converter.unseal(failure.sealed, what=f"what is known of a {failure.type_name}")
        secret = msgspec.json.decode(data, type=_Secret)
    except Exception as error:
        return attrs.evolve(failure, sealed=None, message=f"(sealed: {error})")
    parts = {name: getattr(secret, name) for name in _SECRET}
    return attrs.evolve(failure, sealed=None, **parts)


@attrs.frozen(kw_only=True)
class _Secret:
    message: str
    traceback: str
    notes: tuple[str, ...]
    cause: Failure | None
    arguments: Payload | None
    members: tuple[Failure, ...]


# ---- what is recorded of an exception's state ------------------------------------------------


def _form(error: BaseException, packer: Packer, unpacker: Unpacker) -> dict[str, Any]:
    """args: what the builtin base is made with. fields: of the builtin base, where they differ
    from what these arguments make of them (`OSError.filename`). state: the instance's own slots
    and dict. lost: what stands as its repr."""
    cls = type(error)
    args = _args_of(error)
    packed = [packer.pack(value, f"argument {index}") for index, value in enumerate(args)]
    bare = _bare(cls, unpacker.unpack(packed), _members_of(error))
    fields: dict[str, Any] = {}
    for name, field in _builtin_fields(cls).items():
        form = packer.pack(_value(field, error), f"attribute {name!r}")
        if form != Packer(lambda _: None).pack(_value(field, bare), ""):
            fields[name] = form
    state = {
        name: packer.pack(value, f"attribute {name!r}") for name, value in _state(error).items()
    }
    parts = {"args": packed, "fields": fields, "state": state, "lost": packer.lost}
    return {name: part for name, part in parts.items() if part or name == "args"}


def _args_of(error: BaseException) -> tuple[Any, ...]:
    if isinstance(error, BaseExceptionGroup):
        return (error.message,)  # its members are failures of their own
    return cast(tuple[Any, ...], vars(BaseException)["args"].__get__(error))


def _members_of(error: BaseException) -> list[BaseException]:
    return list(error.exceptions) if isinstance(error, BaseExceptionGroup) else []


_LEFT_OUT: Final = frozenset(
    {
        *("args", "obj", "exceptions", "message", "__dict__", "__traceback__"),
        *("__context__", "__cause__", "__suppress_context__"),
    }
)


def _builtin_fields(cls: type) -> dict[str, GetSetDescriptorType | MemberDescriptorType]:
    return {
        name: field
        for base in cls.__mro__
        if base in BUILTIN_CLASSES
        for name, field in vars(base).items()
        if isinstance(field, GetSetDescriptorType | MemberDescriptorType) and name not in _LEFT_OUT
    }


def _value(field: GetSetDescriptorType | MemberDescriptorType, error: BaseException) -> Any:
    try:
        return field.__get__(error, type(error))
    except AttributeError:
        return None  # BlockingIOError.characters_written, when there is none


def _state(error: BaseException) -> dict[str, Any]:
    """What stands in its own slots and dict."""
    state: dict[str, Any] = {}
    for name, slot in slots_of(type(error)).items():
        try:
            state[name] = slot.__get__(error, type(error))
        except AttributeError:
            continue  # an empty slot
    state |= dict_of(error)
    return {k: v for k, v in state.items() if k != _NOTES and not str(k).startswith(_MARKS)}


# ---- failure -> exception ------------------------------------------------------------------


def exception_of(
    failure: Failure, *, converter: Converter, as_remote: bool = False
) -> BaseException:
    """The exception to raise for a failure: of its own class if that can be, else a RemoteError,
    with a note that says why. Never raises.

    as_remote: a RemoteError in any case.
    """
    failure = opened(failure, converter)
    rebuilder = _Rebuilder(converter)
    error = rebuilder.remote(failure, "") if as_remote else rebuilder.exception(failure)
    if isinstance(error, StopIteration):
        # Nothing that waits can be given one.
        error = _as_runtime_error(error)
        dict_of(error)[_KNOWN] = failure
    return error


def is_rebuildable(failure: Failure) -> bool:
    """Whether it arrives as its own class in this process, the members of a group included."""
    cls = find_class(failure.type_name)
    if cls is None or _why_never(cls):
        return False
    if failure.arguments is None and not _is_ours(failure, cls):
        return False
    return all(map(is_rebuildable, failure.members))


def missing_classes(failure: Failure) -> tuple[str, ...]:
    """The classes, as "module:qualname", of the failure and of a group's members that this
    process has not imported."""
    own = () if find_class(failure.type_name) is not None else (failure.type_name,)
    members = [name for member in failure.members for name in missing_classes(member)]
    return tuple(dict.fromkeys((*own, *members)))


class _Rebuilder:
    def __init__(self, converter: Converter) -> None:
        self._converter = converter
        self._unpacker = Unpacker(self.exception)

    def exception(self, failure: Failure) -> BaseException:
        cls = find_class(failure.type_name)
        why = _why_not(failure, cls)
        if cls is None or why:
            return self.remote(failure, why)
        try:
            form = self._opened(failure)
            members = [self.exception(member) for member in failure.members]
            made = _rebuilt(cls, form, self._unpacker, members)
            notes = [_LOST + str(each) for each in form.get("lost", ())]
        except Exception as error:
            return self.remote(failure, f"{type(error).__name__}: {error}")
        return self._finished(made, failure, notes)

    def remote(self, failure: Failure, why: str) -> BaseException:
        made = RemoteError(failure.type_name, failure.message, failure.traceback)
        return self._finished(made, failure, [_WHY_REMOTE + why] if why else [])

    def _opened(self, failure: Failure) -> Any:
        if failure.arguments is None:
            return {"args": [failure.message]}  # an error of ours, made by an engine
        data = self._converter.unseal(failure.arguments, what=f"what {failure.type_name} carries")
        return from_json(data)

    def _finished(self, made: BaseException, failure: Failure, notes: list[str]) -> BaseException:
        """The rest, past any `__setattr__` of its class."""
        own = dict_of(made)
        # Each once: it may have crossed before, when an error of ours had no line yet.
        origin = _origin(failure)
        told = [note for note in failure.notes if not _says_more(origin, note)]
        notes = list(dict.fromkeys((*told, *origin, *notes)))
        if notes:
            own[_NOTES] = notes
        own[_KNOWN] = failure
        if failure.cause is not None:
            cause = self.exception(failure.cause)
            vars(BaseException)["__cause__"].__set__(made, cause)
        return made


def _rebuilt(
    cls: type, form: Any, unpacker: Unpacker, members: list[BaseException]
) -> BaseException:
    made = _bare(cls, unpacker.unpack(form["args"]), members)
    fields = _builtin_fields(cls)
    for name, part in form.get("fields", {}).items():
        fields[name].__set__(made, unpacker.unpack(part))
    for name, part in form.get("state", {}).items():
        set_plainly(made, name, unpacker.unpack(part))
    return made


def _bare(cls: type, args: list[Any], members: list[BaseException]) -> BaseException:
    """What the builtin base makes of these arguments."""
    base = _builtin_base(cls)
    given = (args[0], members) if issubclass(base, BaseExceptionGroup) else tuple(args)
    made = base.__new__(cls, *given)
    # A group of BaseExceptions that holds none any more is an ExceptionGroup.
    if type(made) is not cls and cls is not BaseExceptionGroup:
        raise TypeError(f"{base.__name__} makes {type(made).__name__} of {args!r}")
    base.__init__(made, *given)
    return cast(BaseException, made)


# ---- which classes can be rebuilt ------------------------------------------------------------


def _builtin_base(cls: type) -> Any:
    """The builtin exception that decides on the layout of its instances."""
    base: Any = cls
    while base not in BUILTIN_CLASSES:
        base = base.__base__
    return base


def _why_never(cls: type) -> str:
    """Why no process could rebuild an exception of this class; "" if one could."""
    if not issubclass(cls, BaseException):
        return "its name is that of a class that is no exception"
    if issubclass(cls, _NEVER_REBUILT):
        return "it would end or cancel what it is raised in"
    if has_own_new(cls):
        return "its class has a __new__ of its own"
    room = (len(slots_of(cls)) + 1) * struct.calcsize("P")  # its slots, and a __weakref__
    if cls.__basicsize__ - _builtin_base(cls).__basicsize__ > room:
        return "its class keeps state outside Python"
    return ""


def _why_not(failure: Failure, cls: type | None) -> str:
    if cls is None:
        return _why_missing(failure.type_name)
    never = _why_never(cls)
    if not never and failure.arguments is None and not _is_ours(failure, cls):
        return "its state could not be carried"
    return never


def _why_missing(name: str) -> str:
    module, _, qualname = name.partition(":")
    if "<locals>" in qualname:
        return "its class is defined inside a function, where nobody else can find it"
    return f"its class is not imported here. Write `import {module}` where this process starts"


def _is_ours(failure: Failure, cls: type) -> bool:
    """Whether its message is all there is to it."""
    return cls.__module__ == errors.__name__ and cls is not RemoteError and not failure.members


# ---- texts -----------------------------------------------------------------------------------

_LOST: Final = "not carried, stands as text: "
_WHY_REMOTE: Final = "it arrives as a RemoteError: "
_AGAIN: Final = "\n\nIt was caught, and raised again:\n\n"
_PLACE: Final = re.compile(r'^  File "(.+)", line (\d+), in .+$', re.MULTILINE)


def _text(error: BaseException) -> str | None:
    """`str(error)`, whole; None if that raises."""
    try:
        return str(error)
    except Exception:
        return None


def _message(error: BaseException) -> str:
    text = _text(error)
    return "(its str() raises)" if text is None else _clean(text, _MESSAGE_LIMIT)


def _clean(text: str, limit: int) -> str:
    """Text that can be stored: valid Unicode, and not too long."""
    if len(text) > limit:
        text = f"{text[:limit]}... (cut to {limit:,} of {len(text):,} characters)"
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _notes(error: BaseException) -> tuple[str, ...]:
    """Its notes, without what this process only said about its own classes."""
    notes = getattr(error, "__notes__", ())
    if not isinstance(notes, list | tuple):
        return ()
    texts = [note if isinstance(note, str) else repr(note) for note in notes[:_NOTES_KEPT]]
    return tuple(_clean(text, _NOTE_LIMIT) for text in texts if not text.startswith(_WHY_REMOTE))


def _origin(failure: Failure) -> list[str]:
    """A note that says where it was raised, if that is known."""
    parts: list[str] = []
    if failure.activity is not None:
        parts.append(f"by activity {failure.activity!r}")
    if failure.attempt is not None:
        parts.append(f"in attempt {failure.attempt}")
    if failure.instance_id is not None:
        parts.append(f"{'of' if parts else 'in'} instance {failure.instance_id!r}")
    places = _PLACE.findall(failure.traceback.partition(_AGAIN)[0])
    lines = [f"{file}:{line}" for file, line in places if is_users_file(file)]
    if parts and lines:
        parts.append(f"at {lines[-1]}")
    return [f"raised {', '.join(parts)}"] if parts else []


def _says_more(origin: list[str], note: str) -> bool:
    """Whether it is the note, and a line."""
    return any(each.startswith(f"{note}, at ") for each in origin)


def _traceback(error: BaseException, known: Failure | None) -> str:
    """Where it was raised, by the user's frames. Known: where it was raised before."""
    own = _formatted(error)
    if known is None or not known.traceback:
        return own
    if not own:
        return known.traceback
    first = known.traceback
    return first if len(first) > _TRACEBACK_LIMIT else f"{first.rstrip()}{_AGAIN}{own}"


def _formatted(error: BaseException) -> str:
    frames: list[tuple[FrameType, int]] = list(traceback.walk_tb(error.__traceback__))
    if not frames:
        return ""
    users = [each for each in frames if not is_machinery(each[0].f_code.co_filename)]
    if not users:
        if isinstance(error, DurableError):
            return ""  # a refusal of ours, before any code of the user's ran: its words say it all
        users = frames  # a mistake of ours, most likely
    lines = ["Traceback (most recent call last):\n"]
    if len(users) > _OUTER_FRAMES + _INNER_FRAMES:
        lines += traceback.StackSummary.extract(iter(users[:_OUTER_FRAMES])).format()
        lines.append(f"  ... {len(users) - _OUTER_FRAMES - _INNER_FRAMES} frames left out ...\n")
        users = users[-_INNER_FRAMES:]
    lines += traceback.StackSummary.extract(iter(users)).format()
    first_line = (_text(error) or "").partition("\n")[0]
    lines.append(f"{type(error).__qualname__}: {first_line[:500]}")
    text = "".join(lines)
    if len(text) > _TRACEBACK_LIMIT:
        text = f"...{text[-_TRACEBACK_LIMIT:]}"
    return _clean(
        text if len(text) <= _TRACEBACK_LIMIT else f"...{text[-_TRACEBACK_LIMIT:]}", len(text) + 3
    )
