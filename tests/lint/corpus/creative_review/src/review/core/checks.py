import getpass
import re
import subprocess
import uuid
from urllib.parse import urlsplit

from .registry import check

BANNED = re.compile(r"\b(miracle|guaranteed)\b", re.I)


@check("banner")
def no_banned_words(creative: dict) -> str | None:
    found = BANNED.search(creative.get("text", ""))
    return found and found.group()


@check("banner")
def landing_is_https(creative: dict) -> str | None:
    parts = urlsplit(creative["landing"])
    return None if parts.scheme == "https" else parts.netloc


@check("video")
def loudness(creative: dict) -> str | None:
    out = subprocess.run(["loudness", creative["path"]], capture_output=True)  # expect: DUR123
    return None if out.returncode == 0 else out.stderr.decode()


@check("video")
def has_reviewer(creative: dict) -> str | None:
    creative.setdefault("reviewer", getpass.getuser())  # expect: DUR125
    creative.setdefault("review", str(uuid.UUID(int=0)))
    return None
