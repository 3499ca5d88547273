"""Tournament flows."""

from __future__ import annotations

import asyncio
import contextlib
import locale
import threading
import uuid
from queue import SimpleQueue

import durable_async as da
from durable_async import orchestrator as flow

from arena.activities import fetch_stats, post_message, start_server, stop_server
from arena.brackets import seeding

uuid4 = da.uuid4


class ServerLease:
    def __init__(self, region: str) -> None:
        self.region = region
        self.server = ""

    async def __aenter__(self) -> str:
        self.server = await start_server(self.region)
        return self.server

    async def __aexit__(self, *exc: object) -> None:
        stop_server(self.server)  # expect: DUR133


class Scoreboard:
    def __init__(self) -> None:
        self.points: dict[str, int] = {}
        self.feed: SimpleQueue[str] = SimpleQueue()  # expect: DUR131
        self.key = uuid.uuid1()  # expect: DUR112

    def add(self, team: str) -> None:
        self.points[team] = self.points.get(team, 0) + 3

    def table(self) -> list[str]:
        return sorted(self.points, key=locale.strxfrm)  # expect: DUR125

    def start_ticker(self) -> None:
        threading.Timer(5.0, self.table).start()  # expect: DUR131


@flow
async def play(left: str, right: str, region: str) -> str:
    async with ServerLease(region) as server:
        winner = await da.wait_for_event(f"result-{server}", str)
    await post_message("results", f"{left} - {right}: {winner} ({uuid4()})")
    return winner


@flow
async def tournament(names: list[str], regions: set[str]) -> list[str]:
    board = Scoreboard()
    board.start_ticker()
    teams = [seeding.Team(len(name), name, {name[0]}) for name in names]
    teams = seeding.draw(teams, seed=len(names))
    region = regions.pop()  # expect: DUR134
    for _ in range(seeding.rounds(len(teams))):
        async with asyncio.TaskGroup() as group:
            games = [group.create_task(play(a.name, b.name, region)) for a, b in seeding.pairs(teams)]
        for game in games:
            board.add(game.result())
    stats = {fetch_stats(player) for player in seeding.roster(teams)}
    await asyncio.gather(*stats)
    play("final", "final", region)  # expect: DUR133
    return board.table()


@flow
async def check_in(team: str, players: frozenset[str]) -> dict[str, bool]:
    present = dict.fromkeys(players, False)  # expect: DUR134
    with contextlib.suppress(TimeoutError, asyncio.CancelledError):  # expect: DUR135
        async with asyncio.timeout(1800):
            async for player in da.events("present", str):
                present[player] = True
    return present


@flow
async def ladder_day(day: int) -> int:
    while True:
        await asyncio.sleep(86_400)
        if day % 30 == 0:
            raise RuntimeError("season over")
        day += 1


@flow
async def practice(region: str, hours: int = 2) -> None:
    lease = ServerLease(region)
    server = await lease.__aenter__()
    try:
        await asyncio.sleep(hours * 3600)
    finally:
        await stop_server(server)
