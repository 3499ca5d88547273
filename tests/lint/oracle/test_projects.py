"""What only types tell is found with them; what they do not tell stays silent.

Each case is a package of its own. All of them stand in one project, because mypy needs a second to
start: it is looked at twice, without and with types.
"""

import re
import textwrap
from pathlib import Path

import pytest
from tests.lint.oracle.library import FILES, HEAD

from durable_lint.api import check
from durable_lint.cache import Cache
from durable_lint.config import load

# Each check starts mypy: a second or two, and many more on a busy machine.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

# What stands at the marks is found with types, and is not without.
FOUND = {
    "the_result_of_a_function": """
        @orchestrator
        async def {name}() -> None:
            acme.connect().execute("delete from orders")  # expect: DUR121
    """,
    "a_result_kept_in_a_variable": """
        @orchestrator
        async def {name}() -> None:
            database = acme.connect()
            cursor = database.cursor()
            cursor.execute("delete from orders")  # expect: DUR121
    """,
    "an_attribute_of_an_instance": """
        @orchestrator
        async def {name}() -> str:
            client = acme.Client()
            return client.root.read_text()  # expect: DUR122
    """,
    "an_attribute_of_a_parameter": """
        def content(client: acme.Client) -> None:
            client.connection.commit()  # expect: DUR121

        @orchestrator
        async def {name}() -> None:
            content(acme.Client())
    """,
    "a_property": """
        @orchestrator
        async def {name}() -> None:
            acme.Client().target.unlink()  # expect: DUR122
    """,
    "elements_of_a_list": """
        @orchestrator
        async def {name}() -> int:
            total = 0
            for file in acme.Client().files():
                total += file.stat().st_size  # expect: DUR122
            return total
    """,
    "elements_in_a_comprehension": """
        @orchestrator
        async def {name}() -> list[str]:
            return [file.read_text() for file in acme.walk()]  # expect: DUR122
    """,
    "the_parameter_of_a_lambda": """
        @orchestrator
        async def {name}() -> list[str]:
            return list(map(lambda file: file.read_text(), acme.Client().files()))  # expect: DUR122
    """,
    "self_through_a_library_class": """
        class Report(acme.Base):
            def text(self) -> str:
                return self.path.read_text()  # expect: DUR122

        @orchestrator
        async def {name}() -> str:
            return Report().text()
    """,
    "an_inherited_method": """
        class Report(acme.Client):
            def text(self) -> str:
                return self.home().read_text()  # expect: DUR122

        @orchestrator
        async def {name}() -> str:
            return Report().text()
    """,
    "a_library_class_that_is_a_known_one": """
        @orchestrator
        async def {name}() -> None:
            acme.Connection("orders.db").execute("delete from orders")  # expect: DUR121
    """,
    "a_class_of_ours_that_is_a_known_one_in_between": """
        class Orders(acme.Connection):
            def clear(self) -> None:
                self.execute("delete from orders")  # expect: DUR121

        def clear(orders: Orders) -> None:
            orders.clear()

        @orchestrator
        async def {name}() -> None:
            clear(Orders("orders.db"))
    """,
    "a_type_variable_solved_by_the_call": """
        @orchestrator
        async def {name}() -> str:
            return acme.first(acme.Client().files()).read_text()  # expect: DUR122
    """,
    "a_type_variable_solved_by_a_function": """
        @orchestrator
        async def {name}() -> str:
            return acme.call(acme.factory).read_text()  # expect: DUR122
    """,
    "what_a_generic_class_holds": """
        @orchestrator
        async def {name}() -> str:
            box = acme.Box(acme.factory())
            return box.get().read_text() + box.value.read_text()  # expect: DUR122
    """,
    "a_generic_helper_of_ours": """
        from collections.abc import Callable
        from typing import TypeVar

        T = TypeVar("T")

        def tried(function: Callable[[], list[T]]) -> list[T]:
            return function()

        @orchestrator
        async def {name}() -> str:
            return tried(acme.Client().files)[0].read_text()  # expect: DUR122
    """,
    "an_overload": """
        @orchestrator
        async def {name}() -> None:
            acme.load("path").unlink()  # expect: DUR122
            acme.load("text").upper()
    """,
    "the_value_of_a_typed_dictionary": """
        @orchestrator
        async def {name}() -> str:
            row = acme.row()
            return row["title"].upper() + row["path"].read_text()  # expect: DUR122
    """,
    "the_value_of_a_dictionary": """
        @orchestrator
        async def {name}() -> None:
            acme.lookup["orders"].unlink()  # expect: DUR122
            if (found := acme.lookup.get("other")) is not None:
                found.unlink()  # expect: DUR122
    """,
    "an_object_of_the_library": """
        @orchestrator
        async def {name}() -> None:
            acme.default.root.unlink()  # expect: DUR122
    """,
    "an_object_made_at_import": """
        CLIENT = acme.Client()
        DATABASE = acme.connect()

        @orchestrator
        async def {name}() -> None:
            CLIENT.root.unlink()  # expect: DUR122
            DATABASE.commit()  # expect: DUR121
    """,
    "the_attribute_of_a_protocol": """
        def content(holder: acme.HasPath) -> str:
            return holder.path.read_text()  # expect: DUR122

        @orchestrator
        async def {name}() -> str:
            return content(acme.Client())
    """,
    "what_async_with_gives": """
        @orchestrator
        async def {name}() -> str:
            async with acme.store() as path:  # both: DUR132
                return path.read_text()  # expect: DUR122
    """,
    "what_with_gives": """
        @orchestrator
        async def {name}() -> str:
            with acme.opened() as path, acme.Client() as other:
                return path.read_text() + other.name  # expect: DUR122
    """,
    "what_async_for_gives": """
        @orchestrator
        async def {name}() -> None:
            async for path in acme.stream():  # both: DUR132
                path.unlink()  # expect: DUR122
    """,
    "what_a_generic_coroutine_gives": """
        @orchestrator
        async def {name}() -> str:
            path = await acme.same(acme.factory())  # both: DUR132
            return path.read_text()  # expect: DUR122
    """,
    "narrowing_by_isinstance": """
        def clear(store: object) -> None:
            if isinstance(store, acme.Client):
                store.root.unlink()  # expect: DUR122
            elif isinstance(store, acme.Connection):
                store.execute("delete from orders")  # expect: DUR121

        @orchestrator
        async def {name}() -> None:
            clear(acme.anything())
    """,
    "narrowing_by_a_guard": """
        def content(source: object) -> str:
            if not acme.is_path(source):
                return str(source)
            return source.read_text()  # expect: DUR122

        @orchestrator
        async def {name}() -> str:
            return content(acme.anything())
    """,
    "narrowing_of_a_union": """
        @orchestrator
        async def {name}() -> str:
            found = acme.either()
            if isinstance(found, str):
                return found.upper()
            return found.read_text()  # expect: DUR122
    """,
    "narrowing_by_a_walrus": """
        @orchestrator
        async def {name}() -> str:
            if (found := acme.maybe()) is not None:
                return found.read_text()  # expect: DUR122
            return ""
    """,
    "narrowing_by_match": """
        @orchestrator
        async def {name}() -> str:
            match acme.anything():
                case acme.Pair(path=path):
                    return path.read_text()  # expect: DUR122
                case _:
                    return ""
    """,
    "a_part_of_a_tuple": """
        @orchestrator
        async def {name}() -> str:
            path, number = acme.pair()
            return path.read_text() * number  # expect: DUR122
    """,
    "a_field_of_a_named_tuple": """
        @orchestrator
        async def {name}() -> str:
            return acme.named_pair().path.read_text()  # expect: DUR122
    """,
    "a_chain_of_methods_that_give_themselves": """
        @orchestrator
        async def {name}() -> str:
            return acme.Query().where("a").where("b").path.read_text()  # expect: DUR122
    """,
    "a_function_decorated_by_a_library": """
        @acme.traced
        def source(number: int):
            return acme.Client().files()[number]

        @orchestrator
        async def {name}() -> str:
            return source(1).read_text()  # expect: DUR122
    """,
    "a_function_given_as_a_parameter": """
        from collections.abc import Callable
        from pathlib import Path

        def content(make: Callable[[], Path]) -> str:
            return make().read_text()  # expect: DUR122

        @orchestrator
        async def {name}() -> str:
            return content(acme.default.home)
    """,
    "a_function_under_another_name": """
        from acme.compat import now

        @orchestrator
        async def {name}() -> float:
            return now() + acme.compat.now()  # expect: DUR101
    """,
    "a_class_under_another_name": """
        from acme.compat import Database

        @orchestrator
        async def {name}() -> None:
            Database("orders.db").commit()  # expect: DUR121
    """,
    "a_class_that_is_given": """
        @orchestrator
        async def {name}() -> float:
            return acme.dice()().random()  # expect: DUR111
    """,
    "a_set": """
        @activity
        async def charge_{name}(who: str) -> None: ...

        @orchestrator
        async def {name}() -> None:
            for who in acme.names():  # expect: DUR134
                await charge_{name}(who)
    """,
    "a_class_of_ours_in_a_box": """
        import time

        class Job:
            def run(self) -> float:
                return time.time()  # expect: DUR101

        @orchestrator
        async def {name}() -> float:
            return acme.Box(Job()).get().run()
    """,
    "methods_of_a_subclass_of_ours": """
        import time
        from abc import ABC, abstractmethod

        class Step(ABC):
            @abstractmethod
            def run(self) -> float: ...

        class Slow(Step):
            def run(self) -> float:
                return time.time()  # expect: DUR101

        def steps() -> list[Step]:
            return [Slow()]

        @orchestrator
        async def {name}() -> float:
            return acme.first(steps()).run()
    """,
    "an_expression_after_letters_of_two_bytes": """
        @orchestrator
        async def {name}() -> None:
            größe = "äöü"; acme.connect().execute("ß")  # expect: DUR121
            größe.upper()
    """,
    "a_coroutine_of_an_object_without_a_type": """
        from typing import TypedDict

        class Place(TypedDict):
            client: acme.Client

        async def content(place: Place) -> bytes:
            return await place["client"].load()  # expect: DUR132

        @orchestrator
        async def {name}(place: Place) -> bytes:  # both: DUR152
            return await content(place)
    """,
    "the_value_of_a_typed_dictionary_of_ours": """
        from pathlib import Path
        from typing import TypedDict

        class Place(TypedDict):
            path: Path
            name: str

        @orchestrator
        async def {name}(name: str) -> str:
            places: list[Place] = []
            return "".join(place["path"].read_text() for place in places)  # expect: DUR122
    """,
    "a_protocol_of_ours": """
        from typing import Protocol

        class Source(Protocol):
            @property
            def place(self) -> acme.HasPath: ...

        def content(source: Source) -> str:
            return source.place.path.read_text()  # expect: DUR122

        @orchestrator
        async def {name}() -> str:
            return content(acme.anything())
    """,
}

SILENT = {
    "any": """
        @orchestrator
        async def {name}() -> None:
            acme.anything().read_text()
            acme.Client().anything.read_text()
    """,
    "an_object_of_no_class_in_particular": """
        def content(source) -> str:
            return source.read_text()

        @orchestrator
        async def {name}() -> str:
            return content(acme.thing())
    """,
    "pure_paths": """
        @orchestrator
        async def {name}() -> str:
            return acme.pure().with_suffix(".txt").name
    """,
    "a_union_that_was_narrowed_to_what_is_harmless": """
        @orchestrator
        async def {name}() -> str:
            found = acme.either()
            if isinstance(found, str):
                return found.upper()
            return found.name
    """,
    "the_clock_of_a_loop": """
        @orchestrator
        async def {name}() -> float:
            return acme.loop().time()
    """,
    "a_set_of_numbers": """
        @activity
        async def charge_{name}(who: int) -> None: ...

        @orchestrator
        async def {name}() -> None:
            for who in acme.numbers():
                await charge_{name}(who)
            for level in acme.levels():
                await charge_{name}(level)
    """,
    "a_set_of_some_kind": """
        @activity
        async def charge_{name}(who: str) -> None: ...

        @orchestrator
        async def {name}() -> None:
            for who in acme.view():
                await charge_{name}(who)
    """,
    "a_sorted_set": """
        @activity
        async def charge_{name}(who: str) -> None: ...

        @orchestrator
        async def {name}() -> None:
            for who in sorted(acme.names()):
                await charge_{name}(who)
    """,
    "plain_logging": """
        @orchestrator
        async def {name}() -> None:
            acme.logger().info("begun")
    """,
    "a_generator_of_random_numbers_that_somebody_seeded": """
        @orchestrator
        async def {name}() -> float:
            return acme.rng().random()
    """,
    "a_buffer": """
        @orchestrator
        async def {name}() -> str:
            return acme.buffer().read()
    """,
    "a_time_that_was_given": """
        @orchestrator
        async def {name}() -> str:
            return acme.when().isoformat()
    """,
    "an_activity": """
        @activity
        async def clear_{name}() -> None:
            acme.connect().execute("delete from orders")

        @orchestrator
        async def {name}() -> None:
            await clear_{name}()
    """,
    "what_nothing_reaches": """
        def clear() -> None:
            acme.connect().execute("delete from orders")

        @orchestrator
        async def {name}() -> None:
            await durable_async.sleep(1)
    """,
    "a_method_of_ours_that_is_called_like_one_of_a_path": """
        class Document:
            def read_text(self) -> str:
                return "text"

        @orchestrator
        async def {name}() -> str:
            return acme.first([Document()]).read_text()
    """,
    "a_local_class": """
        @orchestrator
        async def {name}() -> str:
            class Document:
                def read_text(self) -> str:
                    return "text"
            return acme.first([Document()]).read_text()
    """,
    "a_new_type_of_text": """
        from typing import NewType

        Name = NewType("Name", str)

        @orchestrator
        async def {name}() -> str:
            return acme.first([Name("a")]).upper()
    """,
}

Findings = dict[str, set[tuple[int, str]]]


def source(case: str, text: str) -> str:
    return HEAD + textwrap.dedent(text).replace("{name}", case)


def marked(text: str, mark: str) -> set[tuple[int, str]]:
    return {
        (number, code)
        for number, line in enumerate(text.splitlines(), 1)
        for codes in re.findall(rf"# {mark}: (.*)$", line)
        for code in codes.split(", ")
    }


@pytest.fixture(scope="module")
def looks(tmp_path_factory: pytest.TempPathFactory) -> tuple[Findings, Findings]:
    """What is found in each case without types, and with them."""
    root = tmp_path_factory.mktemp("project")
    files = dict(FILES)
    for case, text in {**FOUND, **SILENT}.items():
        files[f"{case}/__init__.py"] = ""
        files[f"{case}/flow.py"] = source(case, text)
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return found(root, types=False), found(root, types=True)


def found(root: Path, *, types: bool) -> Findings:
    config = load(root)._replace(types=types)
    report = check([root], config, cache=Cache.beside(str(root)))
    assert report.errors == ()
    by_case: Findings = {}
    for finding in report.findings:
        place = by_case.setdefault(Path(finding.path).parent.name, set())
        place.add((finding.span.line, finding.code))
    return by_case


@pytest.mark.parametrize("case", FOUND)
def test_types_find_what_syntax_does_not(case: str, looks: tuple[Findings, Findings]) -> None:
    text = source(case, FOUND[case])
    plain, typed = looks
    both = marked(text, "both")
    assert plain.get(case, set()) == both
    assert typed.get(case, set()) == both | marked(text, "expect")


@pytest.mark.parametrize("case", SILENT)
def test_types_report_nothing_that_they_do_not_tell(
    case: str, looks: tuple[Findings, Findings]
) -> None:
    plain, typed = looks
    assert plain.get(case, set()) == set()
    assert typed.get(case, set()) == set()
