"""DUR122: files, which are others in the next process."""

from typing import ClassVar

from durable_lint.reach.observations import Use
from durable_lint.rule import Example
from durable_lint.rules.dialects import Words
from durable_lint.rules.vocabulary_rule import VocabularyRule

__all__ = ["FileIO"]


class FileIO(VocabularyRule):
    code = "DUR122"
    category = "file_io"
    summary = "files or directories are touched in an orchestrator"
    harm = "touches the disk, which at replay may hold something else, or be another machine's"
    explanation = """\
Where an orchestrator is replayed, nobody knows: on another worker, in another container, a
month later. The file that it read then may have changed or be gone; the file that it wrote is
written again. Whatever depends on the file is decided differently, and no longer matches the
history.

Do it in an activity, and await that: its result is recorded. A small setting is best passed in
as an argument by whoever starts the instance, or recorded by
`durable_async.side_effect(read_it)`.

Paths alone are no finding: `Path("a") / "b"`, `path.suffix`, `os.path.join`, all of `PurePath`;
nor are `io.StringIO` and `io.BytesIO`. What is asked of the disk is: `exists()`, `resolve()`,
`glob()`, `open()`.
"""
    before = """\
from pathlib import Path

import durable_async


@durable_async.orchestrator
async def publish(folder: str) -> None:
    for page in Path(folder).glob("*.md"):
        await render(page.read_text())
"""
    after = """\
from pathlib import Path

import durable_async


@durable_async.activity
def pages_in(folder: str) -> list[str]:
    return sorted(str(page) for page in Path(folder).glob("*.md"))


@durable_async.orchestrator
async def publish(folder: str) -> None:
    for page in await pages_in(folder):
        await render(page)  # an activity too, which reads the page itself
"""
    valid: ClassVar[tuple[Example, ...]] = (
        Example(
            "The activity reads and writes.",
            """
            import json
            from pathlib import Path

            import durable_async as da


            @da.activity
            def read_manifest(path: str) -> list[str]:
                with open(path, encoding="utf-8") as file:
                    return list(json.load(file)["parts"])


            @da.activity
            def append(path: str, part: str) -> None:
                with Path(path).open("a") as file:
                    file.write(part)


            @da.orchestrator
            async def assemble(manifest: str, target: str) -> int:
                parts = await read_manifest(manifest)
                for part in parts:
                    await append(target, part)
                return len(parts)
            """,
        ),
        Example(
            "Computing with paths touches no disk.",
            """
            import os.path
            from pathlib import Path, PurePosixPath

            import durable_async as da


            @da.activity
            async def convert(source: str, target: str) -> None: ...


            @da.orchestrator
            async def thumbnails(folder: str, names: list[str]) -> list[str]:
                made = []
                for name in names:
                    target = (Path(folder) / "small" / name).with_suffix(".webp")
                    source = os.path.join(folder, os.path.basename(name))
                    await convert(os.path.normpath(source), target.as_posix())
                    made.append(str(PurePosixPath("/") / target.name))
                return made
            """,
        ),
        Example(
            "Files that are only in memory.",
            """
            import csv
            import io

            import durable_async as da


            @da.activity
            async def mail(to: str, table: str) -> None: ...


            def as_csv(rows: list[list[str]]) -> str:
                file = io.StringIO()
                csv.writer(file).writerows(rows)
                return file.getvalue()


            @da.orchestrator
            async def report(to: str, rows: list[list[str]]) -> int:
                await mail(to, as_csv(rows))
                raw = io.BytesIO(b"done")
                return len(raw.read())
            """,
        ),
        Example(
            "A method that is called open, and one that is called read_text.",
            """
            import durable_async as da


            class Gate:
                def __init__(self, number: int) -> None:
                    self.number = number
                    self.closed = True

                def open(self) -> None:
                    self.closed = False

                def read_text(self) -> str:
                    return f"gate {self.number}"


            @da.activity
            async def move(gate: str) -> None: ...


            @da.orchestrator
            async def let_in(number: int) -> bool:
                gate = Gate(number)
                gate.open()
                await move(gate.read_text())
                return gate.closed
            """,
        ),
        Example(
            "What is read at import is a constant of the process.",
            """
            import json
            from pathlib import Path

            import durable_async as da

            HERE = Path(__file__).parent
            TEMPLATE = (HERE / "letter.txt").read_text()


            @da.activity
            async def post(letter: str) -> None: ...


            @da.orchestrator
            async def write_to(name: str, details: str) -> None:
                await post(TEMPLATE.format(name=name, city=json.loads(details)["city"]))
            """,
        ),
        Example(
            "Templates whose text the program holds are on no disk.",
            """
            import jinja2

            import durable_async as da

            TEXTS = jinja2.Environment(loader=jinja2.DictLoader({"greeting": "Dear {{ name }},"}))


            @da.activity
            async def post(letter: str) -> None: ...


            @da.orchestrator
            async def greet(name: str, closing: str) -> None:
                await post(TEXTS.get_template("greeting").render(name=name))
                await post(jinja2.Template(closing).render(name=name))
            """,
        ),
        Example(
            "Exceptions and constants of os.",
            """
            import os

            import durable_async as da


            @da.activity
            async def load(path: str) -> str: ...


            @da.orchestrator
            async def first_line(path: str) -> str:
                try:
                    text = await load(path.replace(os.sep, "/"))
                except (FileNotFoundError, os.error):
                    return ""
                return text.split(os.linesep)[0]
            """,
        ),
    )
    invalid: ClassVar[tuple[Example, ...]] = (
        Example(
            "A file of settings is another one after the next deploy.",
            """
            import json

            import durable_async as da


            @da.activity
            async def send(to: str) -> None: ...


            @da.orchestrator
            async def alert() -> None:
                with open("oncall.json", encoding="utf-8") as file:  # DUR122
                    people = json.load(file)
                for person in people:
                    await send(person)
            """,
        ),
        Example(
            "Methods of a Path ask the disk.",
            """
            from pathlib import Path

            import durable_async as da


            @da.activity
            async def ingest(name: str) -> None: ...


            @da.orchestrator
            async def watch(folder: str) -> int:
                inbox = Path(folder) / "inbox"
                if not inbox.exists():  # DUR122
                    return 0
                files = sorted(inbox.glob("*.csv"))  # DUR122
                for file in files:
                    await ingest(file.name)
                    file.unlink()  # DUR122
                return len(files)
            """,
        ),
        Example(
            "A helper writes a log of its own.",
            """
            # file: audit.py
            import os
            import tempfile


            class Audit:
                def __init__(self, name: str) -> None:
                    self.path = os.path.join(tempfile.gettempdir(), name)  # DUR122

                def note(self, text: str) -> None:
                    with open(self.path, "a") as file:  # DUR122
                        file.write(text)

            # file: flows.py
            import durable_async as da

            from audit import Audit


            @da.activity
            async def transfer(cents: int) -> None: ...


            @da.orchestrator
            async def settle(amounts: list[int]) -> None:
                audit = Audit("settle.log")
                for cents in amounts:
                    audit.note(f"{cents}")
                    await transfer(cents)
            """,
        ),
        Example(
            "Copying and removing is done again at each replay.",
            """
            import os
            import shutil

            import durable_async as da


            @da.activity
            async def build(folder: str) -> None: ...


            @da.orchestrator
            async def release(source: str, target: str) -> None:
                if os.path.isdir(target):  # DUR122
                    shutil.rmtree(target)  # DUR122
                shutil.copytree(source, target)  # DUR122
                await build(target)
                os.remove(os.path.join(target, "build.lock"))  # DUR122
            """,
        ),
        Example(
            "Tables and archives are files.",
            """
            import shutil

            import pandas as pd

            import durable_async as da


            @da.activity
            async def score(customer: str) -> float: ...


            @da.orchestrator
            async def campaign(path: str) -> list[float]:
                frame = pd.read_csv(path)  # DUR122
                scores = [await score(customer) for customer in frame["customer"]]
                shutil.make_archive("scores", "zip", path)  # DUR122
                return scores
            """,
        ),
        Example(
            "A template is read when it is asked for, not when its folder is named.",
            """
            import jinja2

            import durable_async as da

            LETTERS = jinja2.Environment(loader=jinja2.FileSystemLoader("letters"))


            @da.activity
            async def post(letter: str) -> None: ...


            @da.orchestrator
            async def dun(name: str) -> None:
                letter = LETTERS.get_template("reminder.txt")  # DUR122
                await post(letter.render(name=name))
            """,
        ),
        Example(
            "The order of a directory is the disk's.",
            """
            import os
            from collections.abc import Iterator

            import durable_async as da


            def pictures(folder: str) -> Iterator[str]:
                for parent, _, names in os.walk(folder):  # DUR122
                    for name in names:
                        if name.endswith(".jpg"):
                            yield os.path.join(parent, name)


            @da.activity
            async def tag(picture: str) -> list[str]: ...


            @da.orchestrator
            async def album(folder: str) -> dict[str, list[str]]:
                return {picture: await tag(picture) for picture in pictures(folder)}
            """,
        ),
    )

    def advice(self, seen: Use, words: Words) -> str:
        return self.known_advice(seen) or words.activity
