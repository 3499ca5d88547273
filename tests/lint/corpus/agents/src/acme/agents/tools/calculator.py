"""Arithmetic for models that cannot."""

import ast
import math
import operator

OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}
NAMES = {"pi": math.pi, "e": math.e}


async def calculate(expression: str, fast: bool = False) -> float:
    if fast:
        return float(eval(expression, {"__builtins__": {}}, NAMES))  # expect: DUR142
    return _walk(ast.parse(expression, mode="eval").body)


def _walk(node: ast.AST) -> float:
    if isinstance(node, ast.Constant):
        return float(ast.literal_eval(node))
    if isinstance(node, ast.BinOp):
        return OPERATORS[type(node.op)](_walk(node.left), _walk(node.right))
    if isinstance(node, ast.Name):
        return {"pi": math.pi, "e": math.e}[node.id]
    raise ValueError(f"cannot calculate {ast.dump(node)}")
