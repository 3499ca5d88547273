"""A name of a module is what its statements bind, here or in the modules that it is imported from.

Invariant: it is found out once, when somebody asks; meanwhile it is unknown, so that modules may
import each other in a circle. Whoever asked hangs on the files that had a part in the answer.
"""

from __future__ import annotations

import builtins
from abc import abstractmethod
from collections.abc import Mapping
from typing import Final

from durable_lint.reach.project import Project, is_wall_module
from durable_lint.reach.scopes import (
    Binding,
    Import,
    ImportFrom,
    Module,
)
from durable_lint.reach.values import (
    NOTHING,
    UNKNOWN,
    External,
    ModuleValue,
    Namespace,
    Value,
    join,
)

__all__ = ["BUILTINS", "Bindings"]

BUILTINS: Final[Mapping[str, Value]] = {
    name: External(f"builtins.{name}") for name in vars(builtins)
}


class Bindings(Project):
    """What names mean at the level of modules."""

    def module_value(self, importer: str, dotted: str) -> Value:
        """What `import dotted` gives in a file."""
        top = dotted.partition(".")[0]
        if is_wall_module(dotted):
            return External(self.vocabulary.canonical(dotted))
        path = self.finder.find(importer, dotted)
        if path is not None:
            module = self._load_for(importer, path)
            return UNKNOWN if module is None else ModuleValue(module)
        if self.finder.is_namespace(importer, dotted):
            return Namespace(importer, dotted)
        if "." in dotted and self.finder.find(importer, top) is not None:
            return UNKNOWN
        return External(self.vocabulary.canonical(dotted))

    def imported(self, module: Module, binding: Import | ImportFrom) -> Value:
        """What an import binds."""
        if type(binding) is Import:
            return self.module_value(module.path, binding.dotted)
        assert isinstance(binding, ImportFrom)
        holder: Value
        if binding.level:
            path = self.finder.resolve_relative(module.path, binding.level, binding.dotted)
            if path is None:
                return self._from_namespace(module, binding)
            loaded = self._load_for(module.path, path)
            holder = UNKNOWN if loaded is None else ModuleValue(loaded)
        else:
            holder = self.module_value(module.path, binding.dotted)
        match holder:
            case ModuleValue(inner):
                # `from . import words` in a package's own __init__ means the module beside it.
                path = self.finder.submodule(inner.path, binding.name) if inner is module else None
                if path is not None:
                    loaded = self._load_for(module.path, path)
                    return UNKNOWN if loaded is None else ModuleValue(loaded)
                self.met(module, inner)
                return self.member_of_module(inner, binding.name)
            case External(name):
                return External(self.vocabulary.canonical(f"{name}.{binding.name}"))
            case Namespace(importer, dotted):
                return self.module_value(importer, f"{dotted}.{binding.name}")
            case _:
                return UNKNOWN

    def _from_namespace(self, module: Module, binding: ImportFrom) -> Value:
        dotted = f"{binding.dotted}.{binding.name}" if binding.dotted else binding.name
        path = self.finder.resolve_relative(module.path, binding.level, dotted)
        if path is None:
            return UNKNOWN
        loaded = self._load_for(module.path, path)
        return UNKNOWN if loaded is None else ModuleValue(loaded)

    def member_of_module(self, module: Module, name: str) -> Value:
        """An attribute of a module: what it binds, or a module within the package."""
        value = self._bound(module, name)
        if value is not None:
            return value
        path = self.finder.submodule(module.path, name)
        if path is not None:
            loaded = self._load_for(module.path, path)
            return UNKNOWN if loaded is None else ModuleValue(loaded)
        return UNKNOWN

    def module_name(self, module: Module, name: str) -> Value:
        """What a name means at the level of a module."""
        value = self._bound(module, name)
        return BUILTINS.get(name, UNKNOWN) if value is None else value

    def _bound(self, module: Module, name: str) -> Value | None:
        """What a name is bound to in a module; None when it is not."""
        known: Value | None = module.values.get(name)
        return known if known is not None else self._binding(module, name)

    def _binding(self, module: Module, name: str) -> Value | None:
        bindings = module.bindings.get(name)
        if bindings is None:
            return self._starred(module, name) if module.stars else None
        module.values[name] = UNKNOWN  # of what is bound in a circle
        value: Value = NOTHING
        for binding in bindings[module.settled.get(name, 0) :]:
            value = join(value, self._value_of(module, name, binding))
            # `f = orchestrator(f)` means the f above it.
            module.values[name] = value
        if value is NOTHING:
            value = UNKNOWN
        module.values[name] = value
        return value

    def _starred(self, module: Module, name: str) -> Value | None:
        if name.startswith("__"):
            return None
        module.values[name] = UNKNOWN
        for star in module.stars:
            holder = self._star_holder(module, star)
            if type(holder) is ModuleValue:
                self.met(module, holder.module)
                exported = holder.module.exported
                if exported is not None and name not in exported:
                    continue
                if exported is None and name.startswith("_"):
                    continue
                value = self._bound(holder.module, name)
                if value is not None:
                    module.values[name] = value
                    return value
            elif type(holder) is External and self._has(holder.name, name):
                return External(self.vocabulary.canonical(f"{holder.name}.{name}"))
        del module.values[name]
        return None

    def _star_holder(self, module: Module, star: ImportFrom) -> Value:
        if star.level:
            path = self.finder.resolve_relative(module.path, star.level, star.dotted)
            loaded = None if path is None else self._load_for(module.path, path)
            return UNKNOWN if loaded is None else ModuleValue(loaded)
        return self.module_value(module.path, star.dotted)

    def _has(self, module: str, name: str) -> bool:
        """Whether a library's module has a name, as far as that is known."""
        qualified = f"{module}.{name}"
        return (
            self.vocabulary.name(qualified) is not None
            or self.vocabulary.result(qualified) is not None
            or qualified
            in {"durable_async.orchestrator", "durable_async.activity", "durable_async.entity"}
            or (is_wall_module(module) and name not in BUILTINS)
        )

    @abstractmethod
    def _value_of(
        self,
        module: Module,
        name: str,
        binding: Binding,
    ) -> Value:
        """What one statement binds a name of a module to."""
