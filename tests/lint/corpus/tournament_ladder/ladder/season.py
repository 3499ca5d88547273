"""A season: rounds of matches until one is left."""

import asyncio
import logging
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Awaitable, Callable
from datetime import date, datetime, time, timedelta, timezone
from random import Random
from typing import TypeVar

import durable_async as da

from .match import announce, play_match

__all__ = ["run_season", "registration", "random"]

T = TypeVar("T")
log = logging.getLogger(__name__)


class random:
    """Draws of a season: reproducible from its name."""

    def __init__(self, season: str) -> None:
        self._rng = Random(season)

    def choice(self, names: list[str]) -> str:
        return self._rng.choice(names)

    def shuffle(self, names: list[str]) -> list[str]:
        return self._rng.sample(names, len(names))


def kickoff(day: date, open: time = time(18, 0)) -> datetime:
    return datetime.combine(day, open, tzinfo=timezone.utc)


async def reported(step: Callable[[], Awaitable[T]], what: str) -> T:
    try:
        return await step()
    except BaseException as error:
        log.warning("%s: %r", what, error)
        if isinstance(error, TimeoutError):
            raise RuntimeError(f"{what} took too long") from error
        raise


@da.orchestrator
async def registration(season: str, closes: datetime) -> list[str]:
    players: set[str] = set()
    clubs: defaultdict[str, set[str]] = defaultdict(set)
    try:
        async with asyncio.timeout((closes - da.now()).total_seconds()):
            async for name in da.events("register", str):
                players.add(name)
                clubs[name.partition("/")[0]].add(name)
    except TimeoutError:
        log.info("%s: %d players of %d clubs", season, len(players), len(clubs))
    biggest = max(len(members) for members in clubs.values())
    totals = Counter({club: len(members) for club, members in sorted(clubs.items())})
    da.set_custom_status({"biggest": biggest, "clubs": totals.most_common(3)})
    players.discard("")
    ordered = list(players)
    ordered.sort(key=lambda name: (len(name), name))
    return ordered


@da.orchestrator
async def run_season(season: str, players: list[str], start: date, round: int = 1) -> str:
    draw = random(season)
    if len(players) == 1:
        await announce(f"{players[0]} wins {season}")
        return players[0]
    await da.sleep_until(kickoff(start + timedelta(weeks=round)))
    order = OrderedDict.fromkeys(draw.shuffle(players))
    matches = {asyncio.create_task(play_match(a, b)): (a, b) for a, b in zip(list(order)[::2], list(order)[1::2])}
    winners = [players[-1]] if len(players) % 2 else []
    pending = set(matches)
    while pending:
        done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            home, away = matches[task]
            values = task.result()
            winners.append(home if values and values[0] >= values[1] else away)
    await reported(lambda: announce(f"round {round} of {season}"), "announcement")
    da.continue_as_new(run_season(season, sorted(set(winners)), start, round + 1))
