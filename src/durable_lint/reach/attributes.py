"""An attribute of an object may hold whatever any method set it to, in any class of its line.

Invariant: what it may hold only grows, and so do the classes of which objects are made; whoever
asked before asks again.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable
from typing import Final

from durable_lint.reach.annotations import promised
from durable_lint.reach.classes import Classes
from durable_lint.reach.facts import Given, Key
from durable_lint.reach.iteration import without_disorder
from durable_lint.reach.scopes import Assigned, ClassScope
from durable_lint.reach.values import (
    NOTHING,
    UNKNOWN,
    Bound,
    External,
    Func,
    Object,
    Partial,
    Value,
    join,
)

__all__ = ["Attributes"]

# Stands for the making of objects, and before the name of a field for making them without it.
MADE: Final = "="


class Attributes(Classes):
    """What objects hold, and of which classes there are any."""

    def _start(self) -> None:
        super()._start()
        self._attributes: dict[tuple[ClassScope, str], Value] = {}
        self._readers: dict[tuple[ClassScope, str], set[Key]] = {}
        self._instantiated: set[ClassScope] = set()
        self._made_at_import: set[ClassScope] = set()
        # Those who asked which classes are below one.
        self._dispatchers: dict[ClassScope, set[Key]] = {}

    def instance_attribute(self, scope: ClassScope, name: str) -> Value | None:
        """What an attribute that methods set may hold; None when no method sets it."""
        self._ensure_made(scope)
        if self._doing:
            self._readers.setdefault((scope, name), set()).add(self._doing[-1])
        held = self._attributes.get((scope, name))
        if held is None:
            for owner in self.mro(scope)[1:]:
                if isinstance(owner, ClassScope):
                    held = self._attributes.get((owner, name))
                    if held is not None:
                        break
        annotated = self.field_annotation(scope, name)
        if annotated is not None:
            node, owner = annotated
            known = self.annotation(node, owner.module, owner)
            if held is None:
                return self._or_default(owner, name, known)
            return promised(join(held, self._default_called(scope, owner, name)), known)
        return held

    def _default_called(self, scope: ClassScope, owner: ClassScope, name: str) -> Value:
        """A function that is the default of a field: whoever gives none gets it."""
        made = self._called_by_default(owner, name)
        if made is None or not self._takes_default(scope, name):
            return NOTHING
        return self._as_callable(made, owner)

    def _as_callable(self, node: ast.expr, owner: ClassScope) -> Value:
        value = self.evaluate_quietly(node, owner.module, owner)
        return value if isinstance(value, Func | Bound | Partial | External) else NOTHING

    def _called_by_default(self, owner: ClassScope, name: str) -> ast.expr | None:
        """The default of a field, if it looks like something to call."""
        binding = owner.bindings[name][-1]
        made = binding.value if type(binding) is Assigned else None
        if isinstance(made, ast.Call) and self.is_field(made, owner):
            made = next((k.value for k in made.keywords if k.arg == "default"), None)
        return made if isinstance(made, ast.Name | ast.Attribute | ast.Lambda) else None

    def leave_out(self, scope: ClassScope, names: Collection[str]) -> None:
        """An object of a data class is made, and given all fields but these."""
        optional = scope.memo.get("optional")
        if optional is None:
            optional = scope.memo["optional"] = self._optional_fields(scope)
        assert isinstance(optional, frozenset)
        if not optional:
            return
        self.hold(scope, MADE, UNKNOWN)
        for name in sorted(optional.intersection(names)):
            self.hold(scope, f"{MADE}{name}", UNKNOWN)

    def _optional_fields(self, scope: ClassScope) -> frozenset[str]:
        """The fields whose defaults may be called."""
        found: set[str] = set()
        for name in self.fields(scope):
            annotated = self.field_annotation(scope, name)
            if annotated is not None and self._called_by_default(annotated[1], name) is not None:
                found.add(name)
        return frozenset(found)

    def _takes_default(self, scope: ClassScope, name: str) -> bool:
        """Whether an object leaves it at a field's default: as long as none is known, one may."""
        if self._doing:
            for mark in (MADE, f"{MADE}{name}"):
                self._readers.setdefault((scope, mark), set()).add(self._doing[-1])
        return (scope, MADE) not in self._attributes or (
            (scope, f"{MADE}{name}") in self._attributes
        )

    def _or_default(self, owner: ClassScope, name: str, known: Value) -> Value | None:
        """A field that nobody was seen to set: its annotation, and the default if it has one."""
        binding = owner.bindings[name][-1]
        if type(binding) is Assigned and binding.value is not None:
            if not self.is_field(binding.value, owner):
                return None
            called = self._called_by_default(owner, name)
            made = NOTHING if called is None else self._as_callable(called, owner)
            if made is NOTHING:
                made = self._default_made(binding.value, owner)
            known = promised(made, known)
        return None if known is UNKNOWN else known

    def _default_made(self, field: ast.expr, owner: ClassScope) -> Value:
        """What the factory of a field makes."""
        if isinstance(field, ast.Call):
            for keyword in field.keywords:
                if keyword.arg in {"default_factory", "factory"}:
                    frame = self._quiet_frame(owner.module, owner)
                    return frame.invoke(frame.evaluate(keyword.value), Given(), keyword.value)
        return UNKNOWN

    def _ensure_made(self, scope: ClassScope) -> None:
        """Read the constructor, so that attributes are known."""
        if scope.memo.get("made"):
            return
        scope.memo["made"] = True
        for name in ("__init__", "__post_init__", "__attrs_post_init__"):
            found = self.method(scope, name)
            if found is not None:
                self.facts(Key(found, Object(scope), ()))

    def hold(self, scope: ClassScope, name: str, value: Value) -> None:
        """An attribute of instances of a class may hold this as well."""
        if self._frozen:
            return
        before = self._attributes.get((scope, name), NOTHING)
        after = join(before, without_disorder(value))
        if after != before:
            self._attributes[scope, name] = after
            self._dirty |= self._readers.get((scope, name), set())
            for owner in self.mro(scope)[1:]:
                if isinstance(owner, ClassScope) and name not in owner.bindings:
                    self._attributes.setdefault((owner, name), after)

    def decorates(self, scope: ClassScope) -> bool:
        """Whether objects of a class are context managers that decorate functions."""
        return any(
            type(owner) is External
            and owner.name in {"contextlib.ContextDecorator", "contextlib.AsyncContextDecorator"}
            for owner in self.mro(scope)
        )

    def construction(self, scope: ClassScope, left: Collection[str] | None = None) -> list[Key]:
        """The keys of what the fields of a data class call. left: those left out, None of all."""
        return [
            Key(made, None, ())
            for name, made in self.field_calls(scope).items()
            if not name or left is None or name in left
        ]

    def made_at_import(self, scope: ClassScope) -> None:
        """A module makes an object of a class when it is imported."""
        self._made_at_import.add(scope)

    def implementations(self, scope: ClassScope, name: str) -> list[ClassScope]:
        """The classes whose method is meant by an object that may be of a subclass.

        Only those of which reached code makes objects; when none is seen to be made, the class
        itself, or the only one that has a body for the method.
        """
        if self._doing:
            self._dispatchers.setdefault(scope, set()).add(self._doing[-1])
        below = self.subclasses(scope)
        made = [cls for cls in (scope, *below) if cls in self._instantiated]
        if made:
            return made[:8]
        if not self.is_abstract(scope, name):
            return [scope]
        able = [cls for cls in below if name in cls.bindings and not self.is_abstract(cls, name)]
        return able if len(able) == 1 else [scope]

    def subclasses(self, scope: ClassScope) -> list[ClassScope]:
        """The classes below one, among the files that were looked into."""
        found: list[ClassScope] = []
        todo = [scope]
        while todo:
            above = todo.pop()
            for below in self._subclasses.get(above.name, ()):
                # A class whose bases nobody asked for yet comes up when somebody does: see
                # `below_others`.
                if (
                    below not in found
                    and below is not scope
                    and "mro" in below.memo
                    and above in self.mro(below)
                ):
                    found.append(below)
                    todo.append(below)
        return found

    def below_others(self, scope: ClassScope) -> None:
        """It has become known which classes a class is below: who asked about those asks again."""
        for owner in self.mro(scope)[1:]:
            if isinstance(owner, ClassScope):
                self._dirty |= self._dispatchers.get(owner, set())

    def _note_made(self, fresh: Iterable[ClassScope]) -> None:
        """Objects of further classes are made."""
        for scope in fresh:
            self._instantiated.add(scope)
            for owner in self.mro(scope):
                if isinstance(owner, ClassScope):
                    self._dirty |= self._dispatchers.get(owner, set())
