"""Texts and delivery."""

import locale
import pprint
import queue
import time
import uuid
import zipfile
from email.utils import formatdate
from importlib import import_module, reload
from pathlib import Path
from typing import Any

import jinja2

import durable_async as da

TEMPLATES = Path(__file__).parent / "templates"
environment = jinja2.Environment()
outbox: "queue.Queue[dict[str, Any]]" = queue.Queue()
_counters: dict[str, int] = {}


def render(name: str, profile: Any, variant: int = 0) -> str:
    source = _source(name, variant)
    footer = f"{locale.currency(9.99)} a month"  # expect: DUR125
    return environment.from_string(source).render(profile=profile, footer=footer, ref=_reference())


def _source(name: str, variant: int) -> str:
    bundle = TEMPLATES / f"{name}.zip"
    if variant and zipfile.is_zipfile(bundle):  # expect: DUR122
        name = f"{name}-b"
    for candidate in sorted(TEMPLATES.glob(f"{name}*.txt")):  # expect: DUR122
        if candidate.stem == name:
            return candidate.read_text()  # expect: DUR122
    texts = import_module("texts")  # expect: DUR142
    return str(getattr(texts, name))


def _reference() -> str:
    return f"{uuid.getnode():x}-{time.time_ns()}"  # expect: DUR101, DUR112


def track(event: str, user_id: str) -> None:
    _counters[event] = _counters.get(event, 0) + 1  # expect: DUR141
    pprint.pprint({"event": event, "user": user_id})  # expect: DUR143


@da.activity(retry=da.RetryPolicy(max_attempts=5))
def send_mail(address: str, text: str) -> None:
    message = {"to": address, "text": text, "date": formatdate(), "id": uuid.uuid4().hex}
    outbox.put(message)
    time.sleep(0.05)


def refresh_texts() -> None:
    reload(import_module("texts"))
