"""Groups become matches, matches become results."""

from __future__ import annotations

import asyncio
import concurrent.futures
import multiprocessing as mp
import os
import random
from datetime import timedelta
from functools import partial
from typing import Any, Callable

import durable_async as da
from durable_async import activity as side, orchestrator as match_flow

from game.entities import MatchQueue, Player
from game.rating import Rating, fair, split


@side(timeout=120)
async def boot_server(region: str) -> str:
    process = await asyncio.create_subprocess_exec("gameserverd", "--region", region)
    return f"{region}-{process.pid}-{random.randint(1000, 9999)}"


@side
async def stop_server(server: str) -> None:
    os.kill(int(server.split("-")[1]), 15)


def simulate(ratings: list[Rating]) -> float:
    with mp.Pool(2) as pool:  # expect: DUR131
        return sum(pool.map(_strength, ratings))


def _strength(rating: Rating) -> float:
    return rating.value - rating.deviation


def pick_map(maps: set[str], veto: set[str]) -> str:
    return next(iter(maps - veto))  # expect: DUR134


def pick_mode(modes: set[str]) -> str:
    return min(modes, key=len) if len({len(m) for m in modes}) == len(modes) else min(modes)


def retrying(operation: Callable[[], Any], times: int) -> Any:
    for attempt in range(times):
        try:
            return operation()
        except ConnectionError:
            if attempt == times - 1:
                raise
    return None


def announce(server: str) -> int:
    import socket

    with socket.create_connection(("lobby.local", 9000)) as lobby:  # expect: DUR121
        return lobby.send(server.encode())  # expect: DUR121


@match_flow
async def play(region: str, players: list[str], maps: set[str]) -> dict[str, Any]:
    server = await boot_server(region)
    rng = da.random("teams")
    veto: set[str] = set()
    arena = pick_map(maps, veto)
    teams = split([Rating() for _ in players], rng)
    balance = simulate(teams[0]) - simulate(teams[1])
    retrying(partial(announce, server), times=3)
    try:
        winner = await da.wait_for_event("finished", str)
    except asyncio.CancelledError:
        await stop_server(server)
        raise
    loser = next(player for player in players if player != winner)
    refs = {name: da.entity_ref(Player, name) for name in (winner, loser)}
    async with da.lock(*refs.values()):
        await refs[winner].call(Player.won_against, Rating())
        refs[loser].signal(Player.touch)
    stop_server(server)  # expect: DUR133
    bonus = secrets_of_season(server)
    return {"arena": arena, "fair": fair(teams), "balance": balance, "winner": winner, "bonus": bonus}


def secrets_of_season(server: str) -> str:
    from secrets import choice

    return choice(server)  # expect: DUR111


@match_flow(version="2")
async def matchmaker(region: str, size: int, made: int = 0) -> None:
    queue = da.entity_ref(MatchQueue, region)
    while True:
        group = await queue.call(MatchQueue.take, size)
        if group:
            await da.start(play(region, group, {"dust", "ice"}), id=f"{region}-{made}")
            made += 1
        await asyncio.sleep(2)
        if made and made % 200 == 0:
            da.continue_as_new(matchmaker(region, size, made))


@match_flow
async def tournament(players: list[str], pool: concurrent.futures.Executor) -> str:  # expect: DUR152
    loop = asyncio.get_running_loop()
    seeds = await loop.run_in_executor(None, sorted, players)  # expect: DUR131
    while len(seeds) > 1:
        results = [await play("eu", list(pair), {"ice"}) for pair in zip(seeds[::2], seeds[1::2])]
        seeds = [result["winner"] for result in results]
        await da.sleep(timedelta(minutes=10))
    return seeds[0]
