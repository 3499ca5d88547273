"""Arguments and parameters. Invariant: what Python would refuse is refused, in the same words."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from inspect import Parameter
from types import CodeType, FunctionType
from typing import Any, Final

__all__ = ["POSITIONAL", "Arguments", "Binder", "Keywords"]

Arguments = tuple[Any, ...]
Keywords = dict[str, Any]

POSITIONAL: Final = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)


class _Missing:
    """Stands for a default: the argument was not given."""


_MISSING: Final = _Missing()

Bound = tuple[Arguments, Arguments, Keywords, Keywords]
"""Positions, *args, keyword-only, **kwargs; _MISSING where a default stays."""


class Binder:
    """Binds arguments to the parameters of one function, without calling it.

    name: of the function, in errors. skip_first: leave out `self`.
    Raises: TypeError if the function has no signature that can be read.
    """

    __slots__ = ("_bound", "_least", "_most", "_qualname", "signature")

    def __init__(
        self, function: Callable[..., Any], *, name: str, skip_first: bool = False
    ) -> None:
        self.signature = _signature(function, name, skip_first=skip_first)
        self._qualname: str = getattr(function, "__qualname__", name)
        self._least, self._most = _counts(self.signature)
        self._bound: Callable[..., Bound] | None = None

    def bind(self, args: Arguments, kwargs: Keywords) -> tuple[Arguments, Keywords]:
        """The same arguments, by position where that is possible.

        Raises: the TypeError that calling the function with them would raise.
        """
        if not kwargs and self._least <= len(args) <= self._most:
            return args, kwargs
        if self._bound is None:
            self._bound = _bound_function(self.signature, self._qualname)
        positions, rest, only, more = self._bound(*args, **kwargs)
        given = _until_missing(positions)
        names = list(self.signature.parameters)
        later = dict(zip(names[given:], positions[given:], strict=False))
        keywords = {k: v for k, v in {**later, **only}.items() if v is not _MISSING}
        return (*positions[:given], *rest), {**keywords, **more}


def _signature(function: Callable[..., Any], name: str, *, skip_first: bool) -> inspect.Signature:
    try:
        signature = inspect.signature(function)
    except ValueError as error:
        raise TypeError(f"{name} has no signature that can be read: {error}") from error
    if not skip_first:
        return signature
    parameters = list(signature.parameters.values())
    if not parameters or parameters[0].kind not in POSITIONAL:
        raise TypeError(f"{name} is a method, and takes no `self`")
    return signature.replace(parameters=parameters[1:])


def _counts(signature: inspect.Signature) -> tuple[float, float]:
    """How many arguments, all by position, are surely right: at least and at most."""
    least = most = 0.0
    for parameter in signature.parameters.values():
        required = parameter.default is Parameter.empty
        if parameter.kind in POSITIONAL:
            most += 1
            least += required
        elif parameter.kind is Parameter.VAR_POSITIONAL:
            most = float("inf")
        elif parameter.kind is Parameter.KEYWORD_ONLY and required:
            return 1.0, 0.0
    return least, most


def _bound_function(signature: inspect.Signature, qualname: str) -> Callable[..., Bound]:
    """A function of the same parameters that returns what it is given: CPython itself binds, and
    its error is the one that calling the original would raise."""
    parameters = list(signature.parameters.values())
    positions = [p.name for p in parameters if p.kind in POSITIONAL]
    only = [p.name for p in parameters if p.kind is Parameter.KEYWORD_ONLY]
    rest = next((p.name for p in parameters if p.kind is Parameter.VAR_POSITIONAL), "()")
    more = next((p.name for p in parameters if p.kind is Parameter.VAR_KEYWORD), "{}")
    source = (
        f"def bound({_parameter_list(parameters)}):\n"
        f"    return ({''.join(f'{name}, ' for name in positions)}), {rest}, "
        f"{{{', '.join(f'{name!r}: {name}' for name in only)}}}, {more}\n"
    )
    module = compile(source, "<durable_async binder>", "exec")
    code = next(each for each in module.co_consts if isinstance(each, CodeType))
    bound = FunctionType(code, {})
    bound.__qualname__ = qualname
    defaults = [p for p in parameters if p.default is not Parameter.empty]
    bound.__defaults__ = tuple(_MISSING for p in defaults if p.kind in POSITIONAL)
    bound.__kwdefaults__ = {p.name: _MISSING for p in defaults if p.kind not in POSITIONAL}
    return bound


def _parameter_list(parameters: list[Parameter]) -> str:
    """As in a `def`, without defaults and hints."""
    bare = [p.replace(default=Parameter.empty, annotation=Parameter.empty) for p in parameters]
    return str(inspect.Signature(bare))[1:-1]


def _until_missing(positions: Arguments) -> int:
    """How many positions stand before the first that was not given."""
    for index, value in enumerate(positions):
        if value is _MISSING:
            return index
    return len(positions)
