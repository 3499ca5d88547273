"""README and docs run as they read: each page is one test, from its first Python block to its last.

The blocks of a page share their names and an empty working folder. `% skip: next` above a block
leaves it out, for code that shows a mistake or needs another machine.
"""

import sys
from pathlib import Path
from types import ModuleType
from typing import cast

import pytest
from sybil import Sybil
from sybil.parsers.myst import PythonCodeBlockParser, SkipParser

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
NAME = "documented_page"


class PageAsModule:
    """Stands in `sys.modules` for the page that runs.

    A stored exception is found again by its module and name, and only in what is imported
    already; so a class that a block defines is found as if the page were a file.
    """


def run(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Evaluate the blocks of the page, which its errors name with their lines."""
    document = Sybil(parsers=[PythonCodeBlockParser(), SkipParser()]).parse(page)
    module = PageAsModule()
    module.__dict__ = document.namespace
    document.namespace["__name__"] = NAME
    monkeypatch.setitem(sys.modules, NAME, cast(ModuleType, module))
    for block in document.examples():
        block.evaluate()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_runs_as_it_reads(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run(page, monkeypatch)


def test_blocks_share_their_names_and_their_classes_can_be_found_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        """\
```python
class Declined(Exception): ...
```
% skip: next
```python
raise SystemExit
```
```python
import sys
assert vars(sys.modules[Declined.__module__])["Declined"] is Declined
raise Declined("seen")
```
"""
    )
    with pytest.raises(Exception, match="seen") as caught:
        run(page, monkeypatch)
    assert type(caught.value).__name__ == "Declined"
    assert caught.traceback[-1].path == page
    lines = page.read_text().splitlines()
    assert lines[caught.traceback[-1].lineno] == 'raise Declined("seen")'
