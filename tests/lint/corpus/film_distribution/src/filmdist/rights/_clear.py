from __future__ import annotations

import asyncio
from collections import deque

import durable_async as da

from filmdist import desk
from filmdist.rights._windows import Window, overlapping


class Clearance:
    """Asks territory by territory; remembers what it did to undo it."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.done: deque[str] = deque()
        self.notes: list[str] = []

    def note(self, *words: object) -> None:
        self.notes.append(" ".join(map(str, words)))

    def reject(self, territories: set[str]) -> None:
        for territory in territories:  # expect: DUR134
            self.note("clash in", territory)

    async def ask(self, window: Window) -> bool:
        answer = await desk.request(self.title, window.territory)
        if answer.startswith("ok"):
            self.done.append(window.territory)
            return True
        self.note("refused by", window.territory, f"({answer})")
        return False

    async def undo(self) -> None:
        while self.done:
            await desk.withdraw(self.title, self.done.pop())


@da.orchestrator(name="rights.clear")
async def clear(title: str, territories: list[str]) -> list[str]:
    job = Clearance(title)
    windows = [Window(territory) for territory in territories]
    if clashes := overlapping(windows):
        job.reject(clashes)
        return job.notes
    try:
        answers = await asyncio.gather(*(job.ask(window) for window in windows))
    except asyncio.CancelledError:
        await job.undo()
        raise
    if not all(answers):
        await job.undo()
    later = [w.next() for w in windows if not w.is_open()]
    job.note(len(later), "later windows")
    return job.notes
