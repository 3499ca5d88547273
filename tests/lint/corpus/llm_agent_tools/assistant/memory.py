"""What the assistant remembers of a conversation."""

import hashlib
import re
import time
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timezone
from functools import lru_cache
from typing import Any

_SUMMARIES: dict[str, str] = {}
MAX_TOKENS = 24_000
_TOKEN = re.compile(r"\w+|[^\w\s]")


@dataclass
class Message:
    role: str
    content: str
    created: float = field(default_factory=time.time)  # expect: DUR101
    key: str = ""

    def __post_init__(self) -> None:
        if not self.key:
            self.key = uuid.uuid4().hex  # expect: DUR112

    @property
    def sort_key(self) -> tuple[int, str]:
        return (hash(self.role), self.key)  # expect: DUR125

    def created_iso(self) -> str:
        return datetime.fromtimestamp(self.created, timezone.utc).isoformat()


@dataclass
class Transcript:
    session_id: str
    messages: list[Message] = field(default_factory=list)

    def add(self, role: str, content: str) -> Message:
        message = Message(role, content)
        self.messages.append(message)
        return message

    def size(self) -> int:
        return sum(_token_count(m.content) for m in self.messages)

    def as_messages(self) -> list[dict[str, Any]]:
        ordered = sorted(self.messages, key=lambda m: m.sort_key)
        return [{"role": m.role, "content": m.content} for m in ordered]

    def fingerprint(self) -> str:
        digest = hashlib.sha256()
        for message in self.messages:
            digest.update(message.content.encode())
        return digest.hexdigest()

    def summary(self) -> str:
        key = self.fingerprint()
        if key not in _SUMMARIES:  # expect: DUR141
            lines = [m.content.splitlines()[0] for m in self.messages if m.content]
            _SUMMARIES[key] = " / ".join(lines)[:400]  # expect: DUR141
        return _SUMMARIES[key]  # expect: DUR141

    def age(self) -> float:
        """Used by the operators' console only."""
        return time.time() - self.messages[0].created


@lru_cache(maxsize=4096)  # expect: DUR141
def _token_count(text: str) -> int:
    return len(_TOKEN.findall(text))
