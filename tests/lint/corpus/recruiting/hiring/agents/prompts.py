import datetime
import random
from string import Template

PROMPTS = {
    "score": Template("Score $resume for $role. Today is $today."),
    "summary": Template("Summarise $resume."),
}
_EXAMPLES = ["terse", "warm", "formal"]
_usage = {}


def render(name, **values):
    values.setdefault("today", datetime.date.today().isoformat())  # expect: DUR101
    _usage[name] = _usage.get(name, 0) + 1  # expect: DUR141
    tone = random.sample(_EXAMPLES, 1)[0]  # expect: DUR111
    return f"{PROMPTS[name].safe_substitute(values)} Be {tone}."


def usage_report():
    return "\n".join(f"{name}: {count}" for name, count in _usage.items())
