"""Letters, references and pseudonyms."""

from __future__ import annotations

import hashlib
import hmac
import locale
import secrets
from functools import lru_cache
from pathlib import Path, PurePosixPath

from django.utils.crypto import get_random_string

from .dates import footer_date

TEMPLATES = Path(__file__).parent / "letters"
PEPPER = b"exam-office"
_ISSUED: set[str] = set()


def short_token() -> str:
    token = secrets.token_urlsafe(6)  # expect: DUR111
    while token in _ISSUED:  # expect: DUR141
        token = get_random_string(8)  # expect: DUR111
    _ISSUED.add(token)  # expect: DUR141
    return token


def same_token(left: str, right: str) -> bool:
    return secrets.compare_digest(left, right)


@lru_cache(maxsize=64)  # expect: DUR141
def load_template(name: str) -> str:
    return (TEMPLATES / f"{name}.txt").read_text("utf-8")  # expect: DUR122


def render_letter(name: str, **values: str) -> str:
    text = load_template(name).format(**values)
    return f"{text}\n\n{footer_date()} ({locale.getlocale()[0]})"  # expect: DUR125


def anonymise(student: str) -> str:
    return hmac.new(PEPPER, student.encode(), hashlib.sha256).hexdigest()[:10]


def reference(exam: str, student: str) -> str:
    return PurePosixPath("exams", exam, anonymise(student)).as_posix()
