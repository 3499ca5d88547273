"""A pattern means the same files on every system."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from durable_lint.globs import Globs


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("tests", "tests/a.py"),
        ("tests", "app/tests/deep/a.py"),
        ("tests/", "app/tests/a.py"),
        ("test_*.py", "app/test_flow.py"),
        ("tests/*", "tests/a.py"),
        ("tests/*", "tests/deep/a.py"),
        ("tests/**", "tests/deep/er/a.py"),
        ("**/generated/*.py", "generated/a.py"),
        ("**/generated/*.py", "x/y/generated/a.py"),
        ("app/**/flow.py", "app/flow.py"),
        ("app/**/flow.py", "app/a/b/flow.py"),
        ("./app/flow.py", "app/flow.py"),
        ("/app", "app/flow.py"),
        ("app\\flow.py", "app/flow.py"),
        ("v?.py", "v1.py"),
        ("v[0-9].py", "v1.py"),
        ("v[!0-9].py", "vx.py"),
        ("a[.py", "a[.py"),
        ("a+b(c).py", "a+b(c).py"),
        ("*", "anything/at/all.py"),
    ],
)
def test_a_pattern_matches(pattern: str, path: str) -> None:
    assert Globs([pattern]).matches(path)
    assert Globs(["other", pattern]).matches(path)


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("tests", "mytests/a.py"),
        ("tests", "tests.py"),
        ("app/flow.py", "x/app/flow.py"),
        ("/app", "x/app/flow.py"),
        ("tests/*.py", "tests/deep/a.py"),
        ("tests/**", "tests"),
        ("v[!0-9].py", "v1.py"),
        ("a.py", "abpy"),
        ("**/x.py", "yx.py"),
    ],
)
def test_a_pattern_does_not_match(pattern: str, path: str) -> None:
    assert not Globs([pattern]).matches(path)


def test_no_pattern_matches_nothing() -> None:
    assert not Globs([]).matches("a.py")
    assert not Globs([])


@pytest.mark.parametrize("pattern", ["", "/", "./"])
def test_an_empty_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="empty"):
        Globs([pattern])


@given(st.lists(st.from_regex(r"\A[a-z+.()\[\]{}^$| ]{1,6}\Z"), min_size=1, max_size=4))
def test_a_plain_path_matches_itself(parts: list[str]) -> None:
    path = "/".join(parts)
    if "[" not in path and not path.startswith("./"):
        assert Globs([path]).matches(path)
