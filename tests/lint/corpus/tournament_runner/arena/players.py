from __future__ import annotations

import typing
from collections.abc import Hashable, Iterable

import attrs


@attrs.frozen
class Player:
    name: str
    rating: int = 1200
    region: str = "eu"

    @property
    def seed(self) -> tuple[int, str]:
        return (-self.rating, self.name)


class Scored(typing.Protocol):
    @property
    def points(self) -> int: ...


@attrs.define
class Standing:
    player: Player
    points: int = 0
    opponents: set[str] = attrs.field(factory=set)

    def record(self, opponent: Player, points: int) -> None:
        self.points += points
        self.opponents.add(opponent.name)

    @property
    def met(self) -> int:
        return len(self.opponents)


@attrs.define
class Match:
    round: int
    table: int
    home: Player
    away: Player
    score: tuple[int, int] | None = None

    @property
    def id(self) -> str:
        return f"r{self.round}t{self.table}"

    @property
    def winner(self) -> Player | None:
        match self.score:
            case (h, a) if h > a:
                return self.home
            case (h, a) if a > h:
                return self.away
            case _:
                return None


K = typing.TypeVar("K", bound=Hashable)


def unique(items: Iterable[K]) -> list[K]:
    return list(dict.fromkeys(items))


def regions(players: Iterable[Player]) -> frozenset[str]:
    return frozenset(player.region for player in players)
