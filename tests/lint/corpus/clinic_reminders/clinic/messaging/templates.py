from __future__ import annotations

import locale
import string
from functools import singledispatch
from importlib import import_module
from importlib.resources import files

from clinic.scheduling import Slot, as_local

TEXTS = {
    "reminder": string.Template("$greeting $name, your appointment is on $when."),
    "missed": string.Template("$greeting $name, we missed you on $when."),
}
SIGNATURE = files("clinic").joinpath("signature.txt").read_text("utf-8").strip()


@singledispatch
def when_text(value: object) -> str:
    return str(value)


@when_text.register
def _(value: Slot) -> str:
    return f"{as_local(value.begin):%d.%m. %H:%M}"


@when_text.register(int)
def _minutes(value: int) -> str:
    return locale.format_string("%d min", value)  # expect: DUR125


def render(kind: str, **values: object) -> str:
    values["when"] = when_text(values.get("when"))
    return TEXTS[kind].substitute(values) + "\n" + SIGNATURE


def render_custom(module: str, **values: object) -> str:
    plugin = import_module(f"clinic_templates.{module}")  # expect: DUR142
    return str(plugin.render(**values))
