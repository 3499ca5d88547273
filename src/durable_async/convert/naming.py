"""Classes by name, and what Python's own classes are.

Invariant: a name finds only what is imported already, and finding it runs no code.
"""

from __future__ import annotations

import builtins
import sys
from types import MemberDescriptorType
from typing import Any, Final

__all__ = [
    "BUILTIN_CLASSES",
    "dict_of",
    "find_class",
    "has_own_new",
    "is_found",
    "name_of",
    "slots_of",
]

BUILTIN_CLASSES: Final = frozenset(
    value for value in vars(builtins).values() if isinstance(value, type)
)


def name_of(cls: type) -> str:
    """ "module:qualname"."""
    return f"{cls.__module__}:{cls.__qualname__}"


def find_class(name: str) -> type | None:
    """The class of a "module:qualname", looked up in the dicts of modules and classes only: no
    import, no `__getattr__`, no property. None if there is none."""
    module, _, qualname = name.partition(":")
    found: Any = sys.modules.get(module)
    for step, part in enumerate(qualname.split(".")):
        if found is None or (step and not isinstance(found, type)):
            return None
        found = vars(found).get(part)
    return found if isinstance(found, type) else None


def is_found(cls: type) -> bool:
    """Whether its name finds this very class: it was not defined in a function, nor replaced."""
    return find_class(name_of(cls)) is cls


def has_own_new(cls: type) -> bool:
    """Whether making an instance would run code of the class or of a base that is not Python's.
    The `__new__` of a named tuple is Python's too."""
    return any(
        "__new__" in vars(base)
        and base not in BUILTIN_CLASSES
        and not (base.__base__ is tuple and hasattr(base, "_fields"))
        for base in cls.__mro__
    )


def dict_of(instance: object) -> dict[str, Any]:
    """The instance's own dict, past any `__getattribute__`; an empty one if it has none."""
    try:
        found: dict[str, Any] = object.__getattribute__(instance, "__dict__")
    except AttributeError:
        return {}
    return found


def slots_of(cls: type) -> dict[str, MemberDescriptorType]:
    """The real slots of a class and of its bases, those of Python's own classes left out."""
    return {
        name: slot
        for base in reversed(cls.__mro__)
        if base not in BUILTIN_CLASSES
        for name, slot in vars(base).items()
        if isinstance(slot, MemberDescriptorType)
    }
