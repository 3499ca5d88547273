"""DUR142: code or classes that are found only when they run."""

from typing import ClassVar, Final

from durable_lint.reach.observations import Use
from durable_lint.rule import Example
from durable_lint.rules.dialects import Words
from durable_lint.rules.vocabulary_rule import VocabularyRule

__all__ = ["DynamicCode"]

_PICKLES: Final = ("pickle.", "cPickle.", "dill.", "cloudpickle.", "marshal.", "shelve.", "joblib.")
_IMPORTS: Final = ("importlib.", "builtins.__import__", "pkgutil.", "runpy.")


class DynamicCode(VocabularyRule):
    code = "DUR142"
    category = "dynamic_code"
    summary = "code that is made or found at run time"
    harm = "runs code that is known only at run time, and that a replay may find changed"
    explanation = """\
What `eval` runs, what `import_module` finds and which class a pickle names is decided while the
orchestrator runs: by a text, by what is installed in this process, by the path. A replay on
another worker may find something else, or nothing, and no tool - this one included - can say
what it does. An import runs the module's own code, which may read clocks and files. And a
pickle that was stored can run anything.

Write the import at the top, or inside of the function as a statement; both are read and
followed. Choose by a table of functions: `HANDLERS[kind](order)`. Read texts by `json.loads` or
`ast.literal_eval`. Where a plug-in really has to be found at run time, an activity may call it.
"""
    before = """\
import importlib

import durable_async


@durable_async.orchestrator
async def run_step(kind: str, order: str) -> str:
    module = importlib.import_module(f"steps.{kind}")
    return await module.run(order)
"""
    after = """\
import durable_async


@durable_async.activity
async def pay(order: str) -> str: ...


@durable_async.activity
async def pack(order: str) -> str: ...


STEPS = {"pay": pay, "pack": pack}


@durable_async.orchestrator
async def run_step(kind: str, order: str) -> str:
    return await STEPS[kind](order)
"""
    valid: ClassVar[tuple[Example, ...]] = (
        Example(
            "A table of functions chooses as well.",
            """
            import durable_async as da


            @da.activity
            async def pay(order: str) -> str: ...


            @da.activity
            async def pack(order: str) -> str: ...


            STEPS = {"pay": pay, "pack": pack}


            @da.orchestrator
            async def fulfil(order: str, steps: list[str]) -> list[str]:
                return [await STEPS[step](order) for step in steps]
            """,
        ),
        Example(
            "Reading literals and JSON runs no code.",
            """
            import ast
            import json
            import re

            import durable_async as da


            @da.activity
            async def apply(settings: dict[str, int]) -> None: ...


            @da.orchestrator
            async def configure(text: str) -> None:
                pattern = re.compile("^[{]")
                if pattern.match(text):
                    await apply(json.loads(text))
                else:
                    await apply(ast.literal_eval(text))
            """,
        ),
        Example(
            "An import statement inside of a function.",
            """
            # file: heavy.py
            def mean(numbers: list[float]) -> float:
                return sum(numbers) / len(numbers)

            # file: flows.py
            import durable_async as da


            @da.activity
            async def sample(sensor: str) -> float: ...


            @da.orchestrator
            async def average(sensors: list[str]) -> float:
                from heavy import mean

                return mean([await sample(sensor) for sensor in sensors])
            """,
        ),
        Example(
            "An activity may load a plug-in, or a model from a pickle.",
            """
            import importlib
            import pickle

            import durable_async as da


            @da.activity
            def predict(model: bytes, plugin: str) -> float:
                prepare = importlib.import_module(plugin)
                return float(pickle.loads(model).predict(prepare.rows()))


            @da.orchestrator
            async def score(model: bytes, plugins: list[str]) -> float:
                return max([await predict(model, plugin) for plugin in plugins])
            """,
        ),
        Example(
            "getattr with a name that stands there.",
            """
            from dataclasses import dataclass

            import durable_async as da


            @dataclass
            class Rule:
                name: str
                limit: int = 10


            @da.activity
            async def enforce(name: str, limit: int) -> None: ...


            @da.orchestrator
            async def policy(rules: list[Rule]) -> None:
                for rule in rules:
                    await enforce(rule.name, getattr(rule, "limit", 10))
            """,
        ),
        Example(
            "A method that is called eval, and one that is called compile.",
            """
            import durable_async as da


            class Formula:
                def __init__(self, factor: int) -> None:
                    self.factor = factor

                def compile(self) -> "Formula":
                    return self

                def eval(self, number: int) -> int:
                    return self.factor * number


            @da.activity
            async def store(number: int) -> None: ...


            @da.orchestrator
            async def compute(numbers: list[int]) -> None:
                formula = Formula(3).compile()
                for number in numbers:
                    await store(formula.eval(number))
            """,
        ),
    )
    invalid: ClassVar[tuple[Example, ...]] = (
        Example(
            "A condition that is a text.",
            """
            import durable_async as da


            @da.activity
            async def approve(amount: int) -> None: ...


            @da.orchestrator
            async def decide(condition: str, amount: int) -> bool:
                if not eval(condition, {"amount": amount}):  # DUR142
                    return False
                await approve(amount)
                return True
            """,
        ),
        Example(
            "A module that is found by name.",
            """
            # file: loading.py
            import importlib
            from typing import Any


            def step_named(name: str) -> Any:
                module = importlib.import_module(f"steps.{name}")  # DUR142
                return module.run

            # file: flows.py
            import durable_async as da

            from loading import step_named


            @da.orchestrator
            async def pipeline(names: list[str]) -> None:
                for name in names:
                    await step_named(name)()
            """,
        ),
        Example(
            "A pickle names its classes itself.",
            """
            import pickle

            import durable_async as da


            @da.activity
            async def load(key: str) -> bytes: ...


            @da.activity
            async def ship(address: str) -> None: ...


            @da.orchestrator
            async def resume(key: str) -> None:
                order = pickle.loads(await load(key))  # DUR142
                await ship(order["address"])
            """,
        ),
        Example(
            "exec and compile.",
            """
            from typing import Any

            import durable_async as da


            @da.activity
            async def report(values: dict[str, int]) -> None: ...


            def run_script(text: str) -> dict[str, Any]:
                names: dict[str, Any] = {}
                code = compile(text, "script", "exec")  # DUR142
                exec(code, names)  # DUR142
                return names


            @da.orchestrator
            async def script(text: str) -> None:
                names = run_script(text)
                await report({"total": names["total"]})
            """,
        ),
        Example(
            "The function behind the import statement.",
            """
            import durable_async as da


            @da.activity
            async def convert(path: str, codec: str) -> None: ...


            @da.orchestrator
            async def transcode(path: str, codec: str) -> None:
                module = __import__(f"codecs_{codec}")  # DUR142
                await convert(path, module.NAME)
            """,
        ),
        Example(
            "Reloading a module, and running one.",
            """
            import importlib
            import runpy

            import durable_async as da
            import prompts


            @da.activity
            async def complete(prompt: str) -> str: ...


            @da.orchestrator
            async def chat(question: str) -> str:
                importlib.reload(prompts)  # DUR142
                extra = runpy.run_path("extra.py")  # DUR142
                return await complete(f"{extra['PREFIX']} {question}")
            """,
        ),
    )

    def harm_of(self, seen: Use) -> str:
        if seen.name.startswith(_PICKLES):
            return (
                "makes whatever classes the data names, as this process has them, and may run code"
            )
        if seen.name.startswith(_IMPORTS):
            return "imports what is found at run time, which a replay may find changed or missing"
        if seen.name.startswith("inspect."):
            return "looks at the calls that led here, which are others at a replay"
        return self.harm

    def advice(self, seen: Use, words: Words) -> str:
        if known := self.known_advice(seen):
            return known
        if seen.name.startswith(_PICKLES):
            return f"use `json.loads(...)`; a pickle that must be read: {words.activity}"
        if seen.name.startswith(_IMPORTS):
            return "write an import statement, or choose from a table of functions"
        if seen.name.startswith("inspect."):
            return "pass what is needed as an argument"
        return "choose from a table of functions, or read literals by `ast.literal_eval(...)`"
