from __future__ import annotations

import asyncio
import pickle
import weakref
from collections import deque
from datetime import datetime
from functools import lru_cache, singledispatchmethod
from typing import TYPE_CHECKING, Any

import numpy as np
import redis
from bson import ObjectId
from rich import print as show

if TYPE_CHECKING:
    from .loop import Turn

store = redis.Redis(host="memory")
answers: list[str] = []


class Memory:
    def __init__(self) -> None:
        self.turns: deque[Any] = deque(maxlen=200)

    def add(self, turn: Turn) -> None:
        self.turns.append(turn)

    def window(self, size: int) -> list[Turn]:
        return list(self.turns)[-size:]

    def similar(self, text: str) -> list[str]:
        words = set(text.split())
        return [turn.text for turn in self.turns if words & set(turn.text.split())]


class VectorMemory(Memory):
    def __init__(self, collection: str) -> None:
        super().__init__()
        self.collection = collection
        self.session = str(ObjectId())  # expect: DUR112

    def add(self, turn: Turn) -> None:
        super().add(turn)
        store.rpush(self.collection, turn.text)  # expect: DUR121

    @singledispatchmethod
    def key(self, value: Any) -> str:
        raise TypeError(type(value).__name__)

    @key.register
    def _(self, value: str) -> str:
        return f"{self.collection}:{hash(value)}"  # expect: DUR125

    def similar(self, text: str) -> list[str]:
        vector = embed(text)
        vector += np.random.normal(size=vector.shape)  # expect: DUR111
        raw = store.get(self.key(text))  # expect: DUR121
        return pickle.loads(raw) if raw else []  # expect: DUR142


@lru_cache(maxsize=10_000)  # expect: DUR141
def embed(text: str) -> np.ndarray:
    return np.frombuffer(text.encode(), dtype=np.uint8).astype(float)


def on_answer(task: asyncio.Task[str]) -> None:
    show("answered", task.get_name())  # expect: DUR143
    answers.append(datetime.now().isoformat())  # expect: DUR141, DUR101


class Recorder(Memory):
    """Keeps a session of the evaluation; `python -m agents.evaluate` makes them."""

    def add(self, turn: Turn) -> None:
        super().add(turn)
        weakref.finalize(turn, print, datetime.now())
        with open("session.jsonl", "a") as file:
            file.write(f"{turn.text}\n")
