"""A registration is what a module does to others when it is imported: tables filled, hooks called.

Invariant: a module is imported once, after something reached looked into it.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from functools import partial

from durable_lint.reach.facts import Given
from durable_lint.reach.interpreter import Interpreter
from durable_lint.reach.readings import Readings
from durable_lint.reach.scopes import (
    Assigned,
    ClassScope,
    Function,
    Module,
    is_main,
    is_type_checking,
)
from durable_lint.reach.values import Bound, Class, Func, Instance, Object, Partial

__all__ = ["Registrations"]


class Registrations(Readings):
    """What importing does."""

    def _import_fresh(self) -> bool:
        """Do what importing the modules does that were looked into since.

        False when there were none.
        """
        done = False
        while self._fresh or self._load_acting():
            done = True
            module = self._fresh.pop()
            self.guarded(module.path, module.dotted, partial(self._imported_now, module))
        return done

    def _load_acting(self) -> bool:
        """Look into imported files that may add to what reached code reads."""
        found = self._acting()
        for table, path in found:
            self.links.load(table, path)
        for path in sorted({path for _, path in found}):
            if path not in self._modules:
                self.load(path)
        return bool(self._fresh)

    def _acting(self) -> set[tuple[str, str]]:
        """Files of which tables are read, each with those that may add to them when run."""
        tables = {
            (holder if isinstance(holder, Module) else holder.module).path
            for state in self._state_readers
            if state in self._homes and self._is_table(state)
            for holder in (self._homes[state][0],)
        }
        self.links.tables |= tables | self._hooked
        return {
            (table, path)
            for read, classes in ((tables, False), (self._hooked, True))
            for table in read
            for path in self.imports.acting_on(table, classes=classes)
        }

    def _imported_now(self, module: Module) -> None:
        self.imports.follow(module.path)
        for star in module.stars:
            self._star_holder(module, star)
        for name, bindings in list(module.bindings.items()):
            for binding in bindings:
                match binding:
                    case Function() if binding.decorators:
                        self._bound(module, name)
                    case ClassScope():
                        self._class_made(binding)
                    case _:
                        pass
        frame = self._quiet_frame(module, None)
        self._run_statements(frame, module.tree.body)

    def _class_made(self, scope: ClassScope) -> None:
        """`__init_subclass__` and the project's class decorators run when a class is made."""
        frame = self._quiet_frame(scope.module, scope.parent)
        if self.is_enum(scope):
            self._members_made(scope)
        for owner in self.mro(scope)[1:]:
            if isinstance(owner, ClassScope):
                found = owner.method("__init_subclass__")
                if found is not None:
                    frame.invoke(
                        Bound(Func(found), Class(scope)), Given(starred=True), scope.node.bases[0]
                    )
        for decorator in scope.node.decorator_list:
            target = self.evaluate_quietly(decorator, scope.module, scope.parent)
            if isinstance(target, Func | Bound | Object | Partial):
                frame.invoke(target, Given((Class(scope),)), decorator)

    def _members_made(self, scope: ClassScope) -> None:
        """An enumeration gives what stands behind the name of a member to its `__init__`."""
        constructor = self.method(scope, "__init__")
        if constructor is None:
            return
        for bindings in scope.bindings.values():
            last = bindings[-1]
            if type(last) is not Assigned or last.annotation is not None or last.value is None:
                continue
            value = self.evaluate_quietly(last.value, scope.module, scope)
            several = type(value) is Instance and value.cls == "builtins.tuple"
            given = value.items if type(value) is Instance and several else (value,)
            self.contribute(constructor, Object(scope), Given(given))

    def _run_statements(self, frame: Interpreter, body: Sequence[ast.stmt]) -> None:
        """What the top level does: `HANDLERS["a"] = handle`, `register(handle)`."""
        for statement in body:
            match statement:
                case ast.Expr(ast.Call() as call):
                    frame.evaluate(call)
                case ast.Assign(targets) if any(
                    isinstance(target, ast.Subscript | ast.Attribute) for target in targets
                ):
                    frame.execute([statement])
                case ast.For(_, _, inner, _) | ast.With(_, inner) | ast.Try(inner):
                    self._run_statements(frame, inner)
                case ast.If(test, inner, other) if not is_main(test) and not is_type_checking(test):
                    self._run_statements(frame, inner)
                    self._run_statements(frame, other)
                case _:
                    pass
