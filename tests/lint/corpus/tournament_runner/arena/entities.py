from __future__ import annotations

import time

import attrs

import durable_async as da
from durable_async import entity


@entity
@attrs.define
class Leaderboard:
    points: dict[str, int] = attrs.field(factory=dict)
    updated: float = 0.0
    revision: int = 0

    def add(self, player: str, points: int) -> int:
        self.points[player] = self.points.get(player, 0) + points
        self.revision += 1
        self.updated = da.now().timestamp()
        return self.points[player]

    def touch(self) -> None:
        self.updated = time.time()  # expect: DUR101

    def top(self, count: int = 3) -> list[str]:
        ranked = sorted(self.points, key=lambda name: (-self.points[name], name))
        return ranked[:count]

    def reset(self) -> None:
        print("leaderboard cleared at revision", self.revision)  # expect: DUR143
        self.points.clear()


@da.entity(name="chat-room")
@attrs.define
class ChatRoom:
    members: set[str] = attrs.field(factory=set)
    lines: list[str] = attrs.field(factory=list)

    def join(self, name: str) -> int:
        self.members.add(name)
        return len(self.members)

    def leave(self, name: str) -> None:
        self.members.discard(name)
        if not self.members:
            da.delete_entity()

    def say(self, name: str, text: str) -> None:
        if name in self.members:
            self.lines.append(f"{name}: {text}")

    def invite(self) -> list[str]:
        return [f"@{member}" for member in self.members]  # expect: DUR134

    def present(self) -> list[str]:
        return sorted(self.members)
