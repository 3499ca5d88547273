"""The table of types is what its tool writes."""

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


def test_the_types_of_the_standard_library_are_as_their_tool_writes_them():
    version = pytest.importorskip("mypy.version").__version__
    spec = importlib.util.spec_from_file_location(
        "vocabulary_types", ROOT / "tools" / "vocabulary_types.py"
    )
    assert spec is not None
    assert spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    there = tool.TARGET.read_text(encoding="utf-8")
    if f"mypy {version};" not in there:
        pytest.skip("written from the stubs of another mypy")
    _, written = tool.generated()
    assert there == written, "run tools/vocabulary_types.py"
