"""Business rules are expressions in a table, alas."""
import ast
import operator
import re

_OPERATORS = {ast.Lt: operator.lt, ast.Gt: operator.gt}
_WORD = re.compile(r"[a-z_]+")


def applies(rule, values):
    if not _WORD.search(rule):
        return bool(ast.literal_eval(rule))
    if "lambda" in rule:
        return run_script(rule, values)
    return bool(eval(rule, {"__builtins__": {}}, values))  # expect: DUR142


def run_script(rule, values):
    scope = dict(values)
    exec(rule, scope)  # expect: DUR142
    helper = __import__("tracking.helpers")  # expect: DUR142
    return bool(scope.get("result", helper))


def compile_all(table):
    return {name: compile(rule, name, "eval") for name, rule in table.items()}


class Rule:
    def eval(self, values):
        return values["budget"] < 0
