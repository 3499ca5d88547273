"""What is written in the table is carried out or refused, never passed over."""

from pathlib import Path

import pytest

from durable_lint.config import CODES, Config, ConfigError, load


def table(directory: Path, text: str) -> Path:
    path = directory / "pyproject.toml"
    path.write_text(f"[tool.durable-lint]\n{text}\n")
    return path


def refused(directory: Path, text: str) -> str:
    path = table(directory, text)
    with pytest.raises(ConfigError) as raised:
        load(directory)
    message = str(raised.value)
    assert message.startswith(f"{path.as_posix()}: ")
    assert "\n" not in message
    return message


def test_every_key_is_read(tmp_path: Path) -> None:
    file = table(
        tmp_path,
        """
        select = ["DUR1", "DUR000"]
        extend-select = ["DUR190"]
        ignore = ["DUR14"]
        roots = ["app.flows.checkout"]
        dialects = ["temporalio", "durabletask"]
        activities = ["app.clients.*", "app.pay.charge"]
        deterministic = ["app.clock.frozen"]
        exclude = ["generated", "app/old/*.py"]
        strict-logging = true
        types = true
        baseline = "lint/baseline.json"
        per-file-ignores = { "tests/**" = ["ALL"], "old.py" = ["DUR101"] }
        nondeterministic = { network_io = ["corp.http.fetch"], wall_clock = ["corp.clock.*"] }
        """,
    )
    root = tmp_path.as_posix()
    assert load(tmp_path) == Config(
        root=root,
        file=file.as_posix(),
        select=("DUR1", "DUR000"),
        extend_select=("DUR190",),
        ignore=("DUR14",),
        per_file_ignores=(("tests/**", ("ALL",)), ("old.py", ("DUR101",))),
        roots=("app.flows.checkout",),
        dialects=("temporalio", "durabletask"),
        activities=("app.clients.*", "app.pay.charge"),
        nondeterministic=(("corp.http.fetch", "network_io"), ("corp.clock.*", "wall_clock")),
        deterministic=("app.clock.frozen",),
        exclude=("generated", "app/old/*.py"),
        strict_logging=True,
        types=True,
        baseline=f"{root}/lint/baseline.json",
    )


def test_the_nearest_file_with_the_table_is_taken(tmp_path: Path) -> None:
    table(tmp_path, 'ignore = ["DUR101"]')
    inner = tmp_path / "services" / "a"
    (inner / "src").mkdir(parents=True)
    (inner / "pyproject.toml").write_text("[project]\nname = 'a'\n")
    assert load(inner / "src").root == tmp_path.as_posix()
    table(inner, 'ignore = ["DUR102"]')
    assert load(inner / "src").ignore == ("DUR102",)
    (inner / "src" / "a.py").write_text("")
    assert load(inner / "src" / "a.py").root == inner.as_posix()


@pytest.mark.parametrize("marker", ["pyproject.toml", ".git", "setup.cfg", "setup.py"])
def test_without_the_table_the_nearest_sign_of_a_project_is_its_root(
    tmp_path: Path, marker: str
) -> None:
    inner = tmp_path / "a" / "b" / "c"
    inner.mkdir(parents=True)
    (tmp_path / "a" / marker).write_text("")
    assert load(inner) == Config(root=(tmp_path / "a").as_posix())


def test_a_file_that_is_named_is_the_one(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    other = tmp_path / "other"
    other.mkdir()
    file = table(other, 'select = ["DUR101"]')
    assert load(tmp_path / "src", file).select == ("DUR101",)
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path, tmp_path / "missing.toml")
    file.write_text("[project]\n")
    with pytest.raises(ConfigError, match=r"no .tool.durable-lint. in it"):
        load(tmp_path, file)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('slect = ["DUR101"]', ["'slect'", "did you mean 'select'", "per-file-ignores"]),
        ('zzz = ["DUR101"]', ["'zzz' does not exist. There is: select"]),
        ('select = ["DUR999"]', ["select", "'DUR999'", "DUR101"]),
        ('select = ["wall_clock"]', ["'wall_clock'", "did you mean 'DUR101'"]),
        ('select = ["dur101"]', ["did you mean 'DUR101'"]),
        ('select = [""]', ["select"]),
        ("select = []", ["select", "would select nothing", "ignore"]),
        ('exclude = ["["]', ["exclude", "'['", "never closed"]),
        ('exclude = ["src/[a/b].py"]', ["exclude", "never closed"]),
        ("[tool.durable_lint]\nselect = []", ["[tool.durable_lint] is not read", "hyphen"]),
        ('ignore = "DUR101"', ["ignore", "list of strings", "'DUR101'"]),
        ("ignore = [1]", ["ignore", "list of strings"]),
        ('dialects = ["temporal"]', ["dialects", "did you mean 'temporalio'"]),
        ('roots = ["flow"]', ["roots", "'flow'", "dotted"]),
        ('activities = ["a b.c"]', ["activities", "dotted"]),
        ('deterministic = ["*"]', ["deterministic", "dotted"]),
        ('exclude = [""]', ["exclude", "empty"]),
        ('exclude = ["a[z-a].py"]', ["exclude", "pattern"]),
        ("strict-logging = 1", ["strict-logging", "true or false"]),
        ('types = "mypy"', ["types", "true or false"]),
        ("baseline = []", ["baseline", "path"]),
        ("per-file-ignores = []", ["per-file-ignores", "table"]),
        ('per-file-ignores = { "a.py" = ["X1"] }', ["per-file-ignores 'a.py'", "'X1'"]),
        ('per-file-ignores = { "" = ["DUR101"] }', ["per-file-ignores", "empty"]),
        ('nondeterministic = { network = ["a.b"] }', ["did you mean 'network_io'"]),
        ('nondeterministic = { contract = ["a.b"] }', ["'contract'"]),
        ("nondeterministic = { uuid = 1 }", ["nondeterministic.uuid", "list of strings"]),
        ("select = [", ["not TOML"]),
    ],
)
def test_what_is_wrong_is_refused_with_what_is_allowed(
    tmp_path: Path, text: str, words: list[str]
) -> None:
    message = refused(tmp_path, text)
    for word in words:
        assert word in message


def test_a_table_that_is_none_and_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "pyproject.toml"
    path.write_text("[tool]\ndurable-lint = 3\n")
    with pytest.raises(ConfigError, match="must be a table, not 3"):
        load(tmp_path)
    path.write_bytes(b"# durable-lint \xff\n")
    with pytest.raises(ConfigError, match="not TOML"):
        load(tmp_path)


def test_a_file_that_only_mentions_the_name_has_no_table(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[project]\ndependencies = ['durable-lint']\n")
    assert load(tmp_path) == Config(root=tmp_path.as_posix())
    (tmp_path / "pyproject.toml").write_text("tool = 'durable-lint'\n")
    assert load(tmp_path) == Config(root=tmp_path.as_posix())


def on(**options: tuple[str, ...]) -> set[str]:
    config = Config(root="/p", **options)  # type: ignore[arg-type]
    return {code for code in CODES if config.selects(code)}


def test_everything_but_complaints_about_suppressions_is_on() -> None:
    assert on() == set(CODES) - {"DUR190"}


def test_the_more_specific_entry_decides_and_a_tie_ignores() -> None:
    assert on(select=("DUR101",)) == {"DUR000", "DUR101"}
    assert on(select=("DUR12",)) == {"DUR000", "DUR121", "DUR122", "DUR123", "DUR124", "DUR125"}
    assert on(select=("ALL",)) == set(CODES)
    assert on(extend_select=("DUR190",)) == set(CODES)
    assert on(ignore=("DUR1",)) == {"DUR000"}
    assert on(ignore=("DUR1",), extend_select=("DUR101",)) == {"DUR000", "DUR101"}
    assert on(select=("DUR101",), ignore=("DUR101",)) == {"DUR000"}
    assert on(select=("ALL",), ignore=("DUR1",)) == {"DUR000"}


def test_unread_files_are_reported_unless_ignored_by_name() -> None:
    assert on(ignore=("ALL",)) == {"DUR000"}
    assert "DUR000" not in on(ignore=("DUR000",))


def test_per_file_ignores_are_for_the_files_of_their_globs() -> None:
    config = Config(
        root="/p", per_file_ignores=(("tests/**", ("ALL",)), ("flow.py", ("DUR101", "DUR12")))
    )
    assert config.ignores_in("/p/tests/flow.py") == ("ALL", "DUR101", "DUR12")
    assert config.ignores_in("/p/app/flow.py") == ("DUR101", "DUR12")
    assert config.ignores_in("/p/app/other.py") == ()


def test_the_command_line_replaces_and_extends() -> None:
    config = Config(root="/p", select=("DUR101",), ignore=("DUR102",), extend_select=("DUR111",))
    changed = config.overridden(select=["DUR12"], ignore=[], extend_select=["DUR190"])
    assert changed.select == ("DUR12",)
    assert changed.ignore == ()
    assert changed.extend_select == ("DUR111", "DUR190")
    assert config.overridden() == config
    with pytest.raises(ConfigError, match="--ignore: 'DUR7' does not exist"):
        config.overridden(ignore=["DUR7"])


def test_the_codes_are_those_of_the_rules_and_of_files_that_cannot_be_read() -> None:
    from durable_lint.config import OFF_BY_DEFAULT
    from durable_lint.rules import RULES

    assert {rule.code: rule.category for rule in RULES} | {"DUR000": "syntax_error"} == CODES
    assert {rule.code for rule in RULES if not rule.default} == OFF_BY_DEFAULT


def test_a_table_with_an_underscore_is_refused_where_there_is_no_other(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.durable_lint]\nignore = ["DUR101"]\n')
    with pytest.raises(ConfigError, match=r"write \[tool.durable-lint\], with a hyphen"):
        load(tmp_path)


def test_a_package_may_be_called_as_the_table_must_not_be(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.importlinter]\nroots = ["durable_lint"]\n')
    assert load(tmp_path).file is None
