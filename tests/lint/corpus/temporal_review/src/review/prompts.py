"""Prompts for the reviewer models."""

import hashlib
from pathlib import Path, PurePosixPath
from string import Template

import jinja2

PROMPT_DIR = Path(__file__).parent / "prompts"
_env = jinja2.Environment(loader=jinja2.FileSystemLoader(str(PROMPT_DIR)), autoescape=False)

SUMMARY = Template("Summarise the clause below in two sentences, in $language.\n\n$clause")
HOUSE_STYLE = (PROMPT_DIR / "house_style.txt").read_text() if PROMPT_DIR.exists() else ""


def clause_prompt(clause: str, language: str) -> str:
    return SUMMARY.substitute(clause=clause, language=language) + "\n" + HOUSE_STYLE


def risk_prompt(kind: str, clauses: list[str]) -> str:
    path = PurePosixPath("risk") / f"{kind}.md"
    text = (PROMPT_DIR / path).read_text(encoding="utf-8")  # expect: DUR122
    return jinja2.Template(text).render(clauses=clauses, n=len(clauses))


def verdict_prompt(risks: dict[str, str]) -> str:
    template = _env.get_template("verdict.md.j2")  # expect: DUR122
    return template.render(risks=sorted(risks.items()))


def fingerprint(prompt: str) -> str:
    return hashlib.sha256(prompt.encode()).hexdigest()[:16]


def cache_slot(prompt: str, slots: int = 64) -> int:
    return hash(prompt) % slots  # expect: DUR125


def list_prompts() -> list[str]:
    """For the admin page."""
    return [entry.name for entry in PROMPT_DIR.iterdir()]
