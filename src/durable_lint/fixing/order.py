"""DUR134: `sorted(...)` round what has no order. Invariant: what is in the parentheses stays."""

import ast

from durable_lint.fixing.edits import Edit
from durable_lint.fixing.module import Module
from durable_lint.fixing.plan import Plan
from durable_lint.model import Finding

__all__ = ["mend_order"]


def mend_order(module: Module, finding: Finding) -> Plan | None:
    """Sort what is iterated; that its elements can be compared is said by the finding."""
    node = next((node for node in module.at(finding.span) if isinstance(node, ast.expr)), None)
    if isinstance(node, ast.Starred):
        node = node.value
    if node is None or isinstance(node, ast.Yield | ast.YieldFrom | ast.GeneratorExp):
        return None
    if isinstance(getattr(node, "ctx", None), ast.Store | ast.Del):
        return None
    if not module.is_builtin("sorted", node) or _is_sorted(module, node):
        return None
    start, end = module.range(node)
    space = " " if module.joins(start) else ""
    around = end - start
    opening = Edit(start, start, f"{space}sorted(", around)
    return Plan((opening, Edit(end, end, ")", around, closes=True)))


def _is_sorted(module: Module, node: ast.expr) -> bool:
    """Whether it is sorted already: what is wrong with it is then something else."""
    parent = module.parent(node)
    return (
        isinstance(parent, ast.Call)
        and isinstance(parent.func, ast.Name)
        and parent.func.id == "sorted"
        and parent.args[:1] == [node]
    )
