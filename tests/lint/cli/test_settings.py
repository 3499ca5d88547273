"""The settings that are printed are those that are in force."""

from pathlib import Path

from durable_lint.cli.settings import described
from durable_lint.config import load

WRITTEN = """\
[tool.durable-lint]
select = ["DUR1"]
extend-select = ["DUR190"]
ignore = ["DUR143"]
roots = ["shop.flows.fulfil"]
dialects = ["temporalio"]
activities = ["shop.gateway.*"]
deterministic = ["shop.money.today"]
exclude = ["gen*", 'a"b\\c']
strict-logging = true
types = true
baseline = "known.json"

[tool.durable-lint.per-file-ignores]
"examples/**" = ["DUR143", "DUR15"]

[tool.durable-lint.nondeterministic]
wall_clock = ["shop.clock.now", "shop.clock.today"]
network_io = ["shop.erp.*"]
"""


def test_what_is_printed_gives_the_same_settings_when_it_is_read(tmp_path: Path) -> None:
    file = tmp_path / "pyproject.toml"
    file.write_text(WRITTEN)
    config = load(tmp_path)
    assert config.roots
    file.write_text("\n".join(described(config)))
    assert load(tmp_path) == config


def test_the_defaults_are_printed_too(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.durable-lint]\n")
    config = load(tmp_path)
    lines = list(described(config))
    assert f"# settings: {config.file}" in lines
    assert "ignore = []" in lines
    assert not any(line.startswith("select") for line in lines)
    (tmp_path / "pyproject.toml").unlink()
    assert any("these are the defaults" in line for line in described(load(tmp_path)))
