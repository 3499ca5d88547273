import asyncio
import functools
import typing

import durable_async as da

from arena import lobby, ratings, servers
from arena.lobby import closest, enter
from arena.ratings import Ticket
from arena.servers import Pool, ping, reserve

Picker = typing.Callable[[], bool]


def _pick(first: str, second: str, picker: Picker = ratings.coin) -> str:
    return first if picker() else second


async def _slots(regions: set[str], players: list[str]) -> list[str]:
    wins = []
    for next_done in asyncio.as_completed([reserve(region, players) for region in regions]):  # expect: DUR134
        wins.append(await next_done)
    return wins


async def _pings(pool: Pool) -> dict[str, float]:
    regions = pool.ordered()
    values = await asyncio.gather(*map(ping, regions))
    return dict(zip(regions, values))


@da.orchestrator
async def ranked_match(players: list[str], rating_by_player: dict[str, float], regions: set[str]) -> dict:
    pool = Pool(list(regions))  # expect: DUR134
    tickets = [Ticket(rating_by_player[player], player) for player in players]
    unique = set(tickets)
    target = closest(unique, tickets[0])
    servers.settle()
    by_ping = await _pings(pool)
    best = min(by_ping, key=by_ping.__getitem__)
    host = await servers.resolve(best)
    order = ratings.shuffled(players, da.random("order"))
    starter = _pick(order[0], order[-1])
    slots = await _slots(regions, order)
    load = await servers.crunch(list(by_ping.values()))
    if not await servers.wait_channel(host):
        await servers.crash_dump(host)
    message = pool.drain(3.0)
    season = ratings.season()
    regions.pop()  # expect: DUR134
    return {
        "target": target and target.player,
        "starter": starter,
        "slots": slots,
        "load": load / max(Pool.cores(), 1),
        "message": message,
        "season": season,
    }


@da.orchestrator
async def enter_queue(player: str, rating: float) -> int:
    place = await enter(player, rating)
    timeout = functools.partial(asyncio.wait_for, timeout=600)
    try:
        await timeout(da.wait_for_event("matched"))
    except TimeoutError:
        async with da.lock(await lobby.lobby_of(rating)):
            return -1
    return place


@da.orchestrator
async def tournament(players: list[str], regions: set[str]) -> list[str]:
    ratings_now = dict.fromkeys(players, 1000.0)
    rounds = []
    while len(players) > 1:
        pairs = list(zip(players[::2], players[1::2]))
        results = await asyncio.gather(
            *(ranked_match(list(pair), ratings_now, regions) for pair in pairs)
        )
        players = [result["starter"] for result in results]
        rounds.append(",".join(players))
    return rounds
