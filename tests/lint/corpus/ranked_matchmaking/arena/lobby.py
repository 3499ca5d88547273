"""The lobby of one league is an entity; matches are orchestrators."""

import asyncio
import time
from collections.abc import Iterable

import attrs

import durable_async as da

from arena.ratings import Ticket, league, remember


@attrs.define
class Lobby:
    waiting: list[str] = attrs.field(factory=list)
    opened: float = 0.0

    def enter(self, player: str) -> int:
        if not self.opened:
            self.opened = time.time()  # expect: DUR101
        self.waiting.append(player)
        return len(self.waiting)

    def take(self, count: int) -> list[str]:
        taken, self.waiting = self.waiting[:count], self.waiting[count:]
        return taken

    def close(self) -> None:
        print("closing", self.waiting)  # expect: DUR143
        da.delete_entity()


LeagueLobby = da.entity(name="league-lobby")(Lobby)


def closest(tickets: Iterable[Ticket], target: Ticket) -> Ticket | None:
    best = None
    for ticket in sorted(tickets):
        if best is None or ticket - target < best - target:
            best = ticket
    return best


async def lobby_of(rating: float) -> da.EntityRef[Lobby]:
    await asyncio.sleep(0)
    return da.entity_ref(LeagueLobby, league(rating))


async def enter(player: str, rating: float) -> int:
    remember(player)
    ref = await lobby_of(rating)
    return await ref.call(Lobby.enter, player)
