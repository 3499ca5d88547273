"""Subject and body."""

import logging
import textwrap
import traceback
from datetime import datetime
from gettext import translation
from typing import Any

import jinja2

logger = logging.getLogger(__name__)
INLINE = jinja2.Environment(loader=jinja2.DictLoader({"footer": "-- \n{{ sender }}"}), autoescape=True)
FILES = jinja2.Environment(loader=jinja2.FileSystemLoader("templates"))


def footer(sender: str) -> str:
    return INLINE.get_template("footer").render(sender=sender)


def body(name: str, context: dict[str, Any]) -> str:
    try:
        return jinja2.Template(context["override"]).render(context)
    except (KeyError, jinja2.TemplateError):
        traceback.print_exc()  # expect: DUR143
    return FILES.get_template(f"{name}.txt").render(context)  # expect: DUR122


def subject(text: str, language: str) -> str:
    catalogue = translation("notify", "/srv/locales", languages=[language], fallback=True)  # expect: DUR122
    return textwrap.shorten(catalogue.gettext(text), 78)


def greeting(name: str, moment: datetime) -> str:
    part = "morning" if moment.hour < 12 else "day"
    return f"Good {part}, {name}"


def preview(name: str) -> str:
    """The editor's live preview."""
    source = open(f"templates/{name}.txt").read()
    return jinja2.Template(source).render(now=datetime.now(), name=name)
