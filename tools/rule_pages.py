"""Write the pages of durable-lint's rules. Invariant: they say what the rules' classes say.

`python tools/rule_pages.py` writes `docs/rules/`; with `--check` it only says whether that would
change anything, and ends with exit code 1 if it would.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from durable_lint.rule import Example, Rule
from durable_lint.rules import RULES

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "rules"

_HEAD = """\
% Written by tools/rule_pages.py from the rule's class; edit that, and run it again.

"""


def pages() -> dict[str, str]:
    """The text of each file in the folder, by its name."""
    texts = {f"{page_name(rule)}.md": page(rule) for rule in RULES}
    return {"index.md": index(RULES), **texts}


# ---------------------------------------------------------------- the text of a page


def page_name(rule: Rule) -> str:
    """The file name of the rule's page, without `.md`."""
    return rule.code.lower()


def page(rule: Rule) -> str:
    """The rule's page in the documentation."""
    parts = [
        f"# {rule.code}: {rule.summary}",
        f"Category `{rule.category}`. {_abilities(rule)}",
        rule.explanation.strip(),
        "## Before and after",
        f"Before:\n\n{_code(rule.before)}",
        f"After:\n\n{_code(rule.after)}",
        "## What it finds",
        f"A comment with the code marks each line that is reported as {rule.code}.",
        *(_shown(example) for example in rule.invalid),
        "## What it leaves alone",
        *(_shown(example) for example in rule.valid),
        "## To silence it",
        _silencing(rule),
    ]
    return _HEAD + "\n\n".join(part.strip("\n") for part in parts) + "\n"


def index(rules: tuple[Rule, ...]) -> str:
    """The page that lists all rules, and holds their pages in its table of contents."""
    rows = "\n".join(
        f"| [{rule.code}]({page_name(rule)}.md) | `{rule.category}`"
        f" | {rule.summary} | {_mark(rule)} |"
        for rule in rules
    )
    entries = "\n".join(page_name(rule) for rule in rules)
    return f"""\
{_HEAD}# Rules of durable-lint

What an orchestrator must not do, because a replay would do it otherwise. Each rule reports the
line that does it, wherever an orchestrator leads to that line, and says by which calls. What no
orchestrator reaches is left alone, and activities may do all of it.

`durable-lint --explain DUR101` prints what a rule says on the terminal. A file that cannot be read
as Python is reported as DUR000, and the others are checked.

| code | category | reported | `--fix` |
|---|---|---|---|
{rows}

```{{toctree}}
:hidden:
:maxdepth: 1

{entries}
```
"""


def _mark(rule: Rule) -> str:
    parts = ["yes" if rule.mends else "", "" if rule.default else "off by default"]
    return ", ".join(part for part in parts if part)


def _abilities(rule: Rule) -> str:
    """What `--fix` does, and whether the rule must be selected."""
    mends = (
        f"`--fix` {rule.mends}." if rule.mends else "There is no automatic fix: what to do depends."
    )
    return mends if rule.default else f"{mends} The rule is off by default."


def _silencing(rule: Rule) -> str:
    if not rule.default:
        return f'`extend-select = ["{rule.code}"]` under `[tool.durable-lint]` switches it on.'
    return (
        f"On a line: `# durable: ignore[{rule.code}] and why`. In a project, in `pyproject.toml`"
        f' under `[tool.durable-lint]`: `ignore = ["{rule.code}"]`, or `per-file-ignores`.'
    )


def _shown(example: Example) -> str:
    """One example: what it shows, with what settings, the code, and what `--fix` makes of it."""
    parts = [f"### {example.title.rstrip('.')}"]
    if example.settings:
        parts.append(f"With this under `[tool.durable-lint]`:\n\n{_code(example.settings, 'toml')}")
    parts.append(_code(example.marked))
    if example.fixed is not None:
        parts.append(f"After `--fix`:\n\n{_code(example.fixed)}")
    return "\n\n".join(parts)


def _code(text: str, language: str = "py") -> str:
    # "py" and not "python": the pages' Python blocks are run by a test, and these must not be.
    return f"```{language}\n{text.strip()}\n```"


# ---------------------------------------------------------------- the folder


def stale(folder: Path) -> list[str]:
    """Names of files that are missing, differ, or are no rule's."""
    wanted = pages()
    found = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.md")}
    return sorted(
        name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name)
    )


def write(folder: Path) -> None:
    """Make the folder hold the pages of the rules, and no others."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = pages()
    for path in folder.glob("*.md"):
        if path.name not in wanted:
            path.unlink()
    for name, text in wanted.items():
        (folder / name).write_text(text, encoding="utf-8")


def main(arguments: Sequence[str]) -> int:
    """Write the pages, or with `--check` only compare them."""
    different = stale(FOLDER)
    if list(arguments) == ["--check"]:
        for name in different:
            print(f"docs/rules/{name} is not what its rule says: run tools/rule_pages.py")
        return 1 if different else 0
    if arguments:
        print("usage: rule_pages.py [--check]", file=sys.stderr)
        return 2
    write(FOLDER)
    print(f"{len(different)} pages written")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
