"""Lookups that were synchronous once and never became activities."""

import json
import urllib.parse
from pathlib import Path

import requests

from .registry import registry

_HERE = Path(__file__).parent
_PHRASES = json.loads('{"hello": "ola"}')


@registry.tool("weather")
def weather(city: str) -> str:
    query = urllib.parse.urlencode({"q": city})
    reply = requests.get(f"https://weather.example/now?{query}", timeout=5)  # expect: DUR121
    return reply.json()["summary"]


@registry.tool("phrase")
def phrase(word: str) -> str:
    return _PHRASES.get(word.casefold(), word)


@registry.tool("venue_card")
def venue_card(slug: str) -> str:
    card = _HERE / "cards" / f"{slug}.md"
    if not card.exists():  # expect: DUR122
        return "unknown venue"
    return card.read_text(encoding="utf-8")  # expect: DUR122
