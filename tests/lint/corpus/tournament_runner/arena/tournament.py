from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta

import durable_async as da

from . import servers
from .entities import ChatRoom, Leaderboard
from .pairing import PAIRINGS, Jitter, Pair, expected
from .players import Match, Player, Standing, unique

log = da.get_logger(__name__)
CHECK_IN = timedelta(minutes=10)


@contextlib.asynccontextmanager
async def game_server(region: str) -> AsyncIterator[str]:
    address = await servers.boot(region)
    try:
        yield address
    finally:
        await servers.shutdown(address)


@contextlib.asynccontextmanager
async def chat(name: str, *players: Player) -> AsyncIterator[da.EntityRef[ChatRoom]]:
    room = da.entity_ref(ChatRoom, name)
    for player in players:
        await room.call(ChatRoom.join, player.name)
    yield room
    for player in players:
        room.signal(ChatRoom.leave, player.name)


@da.orchestrator
async def play_match(match: Match) -> Match:
    home = asyncio.create_task(da.wait_for_event(f"ready-{match.home.name}", bool))
    away = asyncio.create_task(da.wait_for_event(f"ready-{match.away.name}", bool))
    done, missing = await asyncio.wait([home, away], timeout=CHECK_IN.total_seconds())
    if missing:
        for task in missing:
            task.cancel()
        match.score = (int(home in done), int(away in done))
        return match
    async with game_server(match.home.region) as address, chat(match.id, match.home, match.away) as room:
        room.signal(ChatRoom.say, match.home.name, f"odds {expected(match.home, match.away):.2f}")
        match.score = await servers.run_game(address, match.home.name, match.away.name)
    return match


class Round:
    def __init__(self, number: int, pairs: list[Pair]) -> None:
        self.number = number
        self.matches = [Match(number, table, *pair) for table, pair in enumerate(pairs, 1)]

    def __aiter__(self) -> AsyncIterator[Match]:
        return self._played()

    async def _played(self) -> AsyncIterator[Match]:
        calls = [play_match(match) for match in self.matches]
        for finished in asyncio.as_completed(calls):
            yield await finished


@da.orchestrator
async def tournament(name: str, players: list[Player], system: str, rounds: int) -> list[str]:
    board = da.entity_ref(Leaderboard, name)
    jitter = Jitter(5.0)
    field = sorted(unique(players), key=jitter)
    standings = {player.name: Standing(player) for player in field}
    for number in range(1, rounds + 1):
        pairs = PAIRINGS[system](list(standings.values()))
        async for match in Round(number, pairs):
            if (winner := match.winner) is None:
                continue
            loser = match.away if winner is match.home else match.home
            standings[winner.name].record(loser, 3)
            standings[loser.name].record(winner, 0)
            board.signal(Leaderboard.add, winner.name, 3)
        log.info("%s: round %d over", name, number)
        asyncio.sleep(60)  # expect: DUR133
    board.call(Leaderboard.touch)  # expect: DUR133
    return await board.call(Leaderboard.top, 3)


@da.orchestrator
async def ladder(name: str, season: int = 1) -> None:
    board = da.entity_ref(Leaderboard, name)
    async for challenge in da.requests("challenge", tuple[Player, Player]):
        home, away = challenge.data
        if abs(home.rating - away.rating) > 400:
            challenge.reject("too far apart")
            continue
        result = await play_match(Match(season, 0, home, away))
        challenge.reply(result.winner.name if result.winner else None)
        active = {home.name, away.name}
        while active:
            await board.call(Leaderboard.add, active.pop(), 1)  # expect: DUR134
        if da.info().history_length > 5_000:
            da.continue_as_new(ladder(name, season + 1))


@da.orchestrator
async def heartbeat_board(name: str) -> None:
    board = da.entity_ref(Leaderboard, name)
    while True:
        await da.sleep(3600)
        leaders = await board.call(Leaderboard.top)
        da.set_custom_status(leaders)
        if not leaders:
            break
