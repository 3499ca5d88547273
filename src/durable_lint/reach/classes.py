"""What a class of the project is made of, resolved over its bases.

A base that is not of the project ends the line with its qualified name, so that what it inherits
can be asked of the vocabulary.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from durable_lint.reach.definitions import Definitions
from durable_lint.reach.names import ENUMS
from durable_lint.reach.scopes import Assigned, ClassScope, Function
from durable_lint.reach.values import Class, External, members_of

__all__ = ["Classes"]

AT_CONSTRUCTION: Final = (
    "__new__",
    "__post_init__",
    "__attrs_post_init__",
    "__attrs_pre_init__",
    "model_post_init",
)
VALIDATORS: Final = frozenset(
    {"field_validator", "validator", "model_validator", "root_validator", "default", "validates"}
)
FACTORIES: Final = frozenset({"default_factory", "factory", "validator", "converter", "on_setattr"})
ANNOTATED: Final = frozenset({"typing.Annotated", "typing_extensions.Annotated"})
VALIDATES: Final = ("AfterValidator", "BeforeValidator", "PlainValidator", "WrapValidator")
FIELD_MAKERS: Final = frozenset(
    {
        "dataclasses.field",
        "attrs.field",
        "attrs.Factory",
        "attr.ib",
        "attr.attrib",
        "attr.Factory",
        "pydantic.Field",
        "pydantic.fields.Field",
        "sqlmodel.Field",
        "msgspec.field",
        *(f"pydantic.{name}" for name in VALIDATES),
        *(f"pydantic.functional_validators.{name}" for name in VALIDATES),
    }
)


class Classes(Definitions):
    """Questions about classes, each answered once."""

    def mro(self, scope: ClassScope) -> list[ClassScope | External]:
        """The class and its bases, in the order in which attributes are looked for."""
        known = scope.memo.get("mro")
        if known is None:
            scope.memo["mro"] = [scope]  # of a class that is among its own bases
            known = scope.memo["mro"] = self._line(scope)
            self.below_others(scope)
        return known  # type: ignore[return-value]

    def _line(self, scope: ClassScope) -> list[ClassScope | External]:
        lines: list[list[ClassScope | External]] = []
        for node in scope.node.bases:
            base = node.value if isinstance(node, ast.Subscript) else node
            for value in members_of(self.evaluate_quietly(base, scope.module, scope)):
                if type(value) is Class:
                    lines.append(self.mro(value.scope))
                elif type(value) is External:
                    lines.append([value])
        return [scope, *_merged(lines)]

    def method(self, scope: ClassScope, name: str) -> Function | None:
        """The function that a name of an instance is, looked up in the project's classes."""
        for owner in self.mro(scope):
            if isinstance(owner, ClassScope) and name in owner.bindings:
                return owner.method(name)
        return None

    def is_enum(self, scope: ClassScope) -> bool:
        return any(type(base) is External and base.name in ENUMS for base in self.mro(scope))

    def metaclass_call(self, scope: ClassScope) -> Function | None:
        """What a metaclass does when an object is made; of an enumeration, what looking up may."""
        if self.is_enum(scope):
            return self.method(scope, "_missing_")
        for owner in self.mro(scope):
            if isinstance(owner, ClassScope):
                for keyword in owner.node.keywords:
                    if keyword.arg == "metaclass":
                        meta = self.evaluate_quietly(keyword.value, owner.module, owner.parent)
                        return self.method(meta.scope, "__call__") if type(meta) is Class else None
        return None

    def is_abstract(self, scope: ClassScope, name: str) -> bool:
        """Whether a method has no body of its own: abstract, of a protocol, or a bare `raise`."""
        found = self.method(scope, name)
        if found is None:
            return True
        return says_nothing(found)

    def fields(self, scope: ClassScope) -> list[str]:
        """The fields of a data class in the order of its constructor."""
        known = scope.memo.get("fields")
        if known is None:
            names: dict[str, None] = {}
            for owner in reversed(self.mro(scope)):
                if isinstance(owner, ClassScope):
                    for name, bindings in owner.bindings.items():
                        last = bindings[-1]
                        if type(last) is Assigned and (
                            last.annotation is not None or self.is_field(last.value, owner)
                        ):
                            names[name] = None
            known = scope.memo["fields"] = list(names)
        return known  # type: ignore[return-value]

    def is_field(self, node: ast.expr | None, owner: ClassScope) -> bool:
        """Whether an expression describes a field of a data class."""
        if not isinstance(node, ast.Call):
            return False
        made = self.evaluate_quietly(node.func, owner.module, owner)
        return type(made) is External and made.name in FIELD_MAKERS

    def field_annotation(self, scope: ClassScope, name: str) -> tuple[ast.expr, ClassScope] | None:
        """The annotation of a field, and the class that has it."""
        for owner in self.mro(scope):
            if isinstance(owner, ClassScope):
                for binding in owner.bindings.get(name, ()):
                    if type(binding) is Assigned and binding.annotation is not None:
                        return binding.annotation, owner
        return None

    def at_construction(self, scope: ClassScope) -> list[str]:
        """Methods that run when an object is made, beside `__init__`."""
        known = scope.memo.get("at_construction")
        if known is None:
            names = [name for name in AT_CONSTRUCTION if self.method(scope, name) is not None]
            for owner in self.mro(scope):
                if isinstance(owner, ClassScope):
                    names += [
                        name
                        for name, bindings in owner.bindings.items()
                        for binding in bindings
                        if type(binding) is Function and _validates(binding)
                    ]
            known = scope.memo["at_construction"] = names
        return known  # type: ignore[return-value]

    def places(self, scope: ClassScope) -> list[str]:
        """The fields of a data class that its constructor takes by place."""
        known = scope.memo.get("places")
        if known is None:
            names: dict[str, bool] = {}
            for owner in reversed(self.mro(scope)):
                if isinstance(owner, ClassScope):
                    names.update(_places_of(owner))
            fields = self.fields(scope)
            known = scope.memo["places"] = [name for name in fields if names.get(name)]
        return known  # type: ignore[return-value]

    def field_calls(self, scope: ClassScope) -> dict[str, Function]:
        """Functions that stand for what the fields of a data class call at construction.

        By the name of the field, for who leaves it out; without a name what is called anyhow.
        """
        if "construction" not in scope.memo:
            scope.memo["construction"] = self._made_field_calls(scope)
        return scope.memo["construction"]  # type: ignore[return-value]

    def _made_field_calls(self, scope: ClassScope) -> dict[str, Function]:
        bodies: dict[str, list[ast.stmt]] = {}
        for name, bindings in scope.bindings.items():
            for binding in bindings:
                if type(binding) is not Assigned:
                    continue
                for said in (binding.value, *self._metadata(binding.annotation, scope)):
                    if isinstance(said, ast.Call) and self.is_field(said, scope):
                        for is_default, call in _called(said):
                            bodies.setdefault(name if is_default else "", []).append(call)
        return {name: self._stand_in(scope, body) for name, body in bodies.items()}

    def _stand_in(self, scope: ClassScope, body: list[ast.stmt]) -> Function:
        node = ast.FunctionDef(
            name=scope.name,
            args=ast.arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[]),
            body=body,
            decorator_list=[],
            lineno=scope.node.lineno,
            col_offset=scope.node.col_offset,
        )
        made = Function(node, scope.module, None, scope.function)
        made.qualname = scope.qualname
        return made

    def _metadata(self, annotation: ast.expr | None, scope: ClassScope) -> list[ast.expr]:
        """What `Annotated` says beside the type, also where a name of the module stands for it."""
        if isinstance(annotation, ast.Name):
            bindings = scope.module.bindings.get(annotation.id, ())
            last = bindings[-1] if bindings else None
            annotation = last.value if type(last) is Assigned else None
        if not isinstance(annotation, ast.Subscript) or not isinstance(annotation.slice, ast.Tuple):
            return []
        head = self.evaluate_quietly(annotation.value, scope.module, scope)
        if type(head) is External and head.name in ANNOTATED:
            return annotation.slice.elts[1:]
        return []

    def setter(self, scope: ClassScope, name: str) -> Function | None:
        """The function that assigning a property calls."""
        for owner in self.mro(scope):
            if isinstance(owner, ClassScope):
                for binding in owner.bindings.get(name, ()):
                    if type(binding) is Function and any(
                        isinstance(decorator, ast.Attribute) and decorator.attr == "setter"
                        for decorator in binding.decorators
                    ):
                        return binding
        return None


def _places_of(owner: ClassScope) -> Iterator[tuple[str, bool]]:
    """What a class says of its fields: whether the constructor takes them by place."""
    head = owner.node
    options = [*head.keywords]
    for decorator in head.decorator_list:
        options.extend(decorator.keywords if isinstance(decorator, ast.Call) else ())
    by_place = not _says(options, "kw_only", True)
    for name, bindings in owner.bindings.items():
        last = bindings[-1]
        if type(last) is not Assigned:
            continue
        kind = _head_of(last.annotation)
        if kind == "KW_ONLY":
            by_place = False
        said = last.value.keywords if isinstance(last.value, ast.Call) else []
        left = _says(said, "init", False) or _says(said, "kw_only", True)
        yield name, by_place and kind != "ClassVar" and not left


def _says(options: list[ast.keyword], name: str, value: object) -> bool:
    return any(
        option.arg == name
        and isinstance(option.value, ast.Constant)
        and option.value.value is value
        for option in options
    )


def _head_of(annotation: ast.expr | None) -> str:
    """`ClassVar` of `typing.ClassVar[int]`."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        return annotation.value.partition("[")[0].rpartition(".")[2]
    inner = annotation.value if isinstance(annotation, ast.Subscript) else annotation
    return inner.attr if isinstance(inner, ast.Attribute) else getattr(inner, "id", "")


def _called(node: ast.Call) -> Iterator[tuple[bool, ast.stmt]]:
    """Statements that call what a field calls, and whether only who leaves it out does.

    Default factories, and validators and converters.
    """
    for keyword in node.keywords:
        if keyword.arg in FACTORIES:
            targets = (
                keyword.value.elts
                if isinstance(keyword.value, ast.List | ast.Tuple)
                else [keyword.value]
            )
            is_default = keyword.arg in {"default_factory", "factory"}
            yield from ((is_default, _as_call(target)) for target in targets)
        elif keyword.arg == "default" and isinstance(keyword.value, ast.Call):
            inner = keyword.value
            if isinstance(inner.func, ast.Name | ast.Attribute) and ast.unparse(
                inner.func
            ).endswith("Factory"):
                yield from ((True, _as_call(argument)) for argument in inner.args[:1])
    if isinstance(node.func, ast.Name | ast.Attribute) and ast.unparse(node.func).endswith(
        ("Factory", *VALIDATES)
    ):
        is_default = ast.unparse(node.func).endswith("Factory")
        yield from ((is_default, _as_call(argument)) for argument in node.args[:1])


def _as_call(target: ast.expr) -> ast.stmt:
    call = ast.Call(func=target, args=[], keywords=[])
    call.handed_on = True  # type: ignore[attr-defined]  # the field's maker calls it, not this code
    statement = ast.Expr(value=call)
    return ast.copy_location(statement, ast.copy_location(call, target))


def _validates(function: Function) -> bool:
    for decorator in function.decorators:
        inner = decorator.func if isinstance(decorator, ast.Call) else decorator
        name = inner.attr if isinstance(inner, ast.Attribute) else getattr(inner, "id", "")
        if name in VALIDATORS:
            return True
    return False


def says_nothing(function: Function) -> bool:
    """Whether a function has no body of its own."""
    node = function.node
    return not isinstance(node, ast.Lambda) and all(map(_says_nothing, node.body))


def _says_nothing(statement: ast.stmt) -> bool:
    match statement:
        case ast.Pass() | ast.Expr(ast.Constant()):
            return True
        case ast.Raise(exc):
            text = ast.unparse(exc) if exc is not None else ""
            return text.startswith("NotImplementedError")
        case _:
            return False


def _merged(lines: list[list[ClassScope | External]]) -> list[ClassScope | External]:
    """C3 where the lines agree; where they do not, first come first."""
    todo = [list(line) for line in lines if line]
    merged: list[ClassScope | External] = []
    while todo:
        for line in todo:
            head = line[0]
            if not any(head in other[1:] for other in todo):
                break
        else:
            head = todo[0][0]
        merged.append(head)
        todo = [[entry for entry in line if entry != head] for line in todo]
        todo = [line for line in todo if line]
    return merged
