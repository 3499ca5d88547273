"""Programs of a few lines, and what the analysis says of them."""

import textwrap
from collections.abc import Callable, Mapping, Sequence

import pytest

from durable_lint.discover.modules import Modules
from durable_lint.reach.analysis import Analysis, Result
from durable_lint.reach.knowledge import Options
from durable_lint.rules import judge as judgement
from durable_lint.source import Source
from durable_lint.vocabulary import Vocabulary

ROOT = "/project"
Analyse = Callable[..., Result]


@pytest.fixture(scope="session")
def analyse() -> Analyse:
    """Analyses files given by their names and texts; `flow.py` stands for a text alone."""
    vocabulary = Vocabulary.standard()
    judge = judgement()

    def analyse(
        files: str | Mapping[str, str],
        *,
        order: Sequence[str] | None = None,
        options: Options | None = None,
    ) -> Result:
        texts = {"flow.py": files} if isinstance(files, str) else files
        data = {
            f"{ROOT}/{name}": textwrap.dedent(text).encode("utf-8") for name, text in texts.items()
        }
        analysis = Analysis(
            Modules(data, root=ROOT),
            lambda path: Source(path, data[path]),
            vocabulary,
            options or Options(),
            judge,
        )
        return analysis.run([f"{ROOT}/{name}" for name in (order or texts)])

    return analyse
