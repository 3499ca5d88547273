"""Rating updates after a season: Elo by default, Glicko where an engine is installed."""

from __future__ import annotations

import asyncio
import concurrent.futures as futures
import contextlib
import multiprocessing
from collections.abc import Callable, Iterable
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, TypeVar

import durable_async as da

from .pairing import expected
from .players import Player, unique

if TYPE_CHECKING:
    from concurrent.futures import Executor

T = TypeVar("T")
K_FACTOR = 24


def elo(player: Player, opponent: Player, score: float) -> int:
    return round(player.rating + K_FACTOR * (score - expected(player, opponent)))


def progression(start: int, deltas: Iterable[int]) -> list[int]:
    return list(accumulate(deltas, initial=start))


def steepest(ratings: list[int]) -> int:
    return max((b - a for a, b in pairwise(ratings)), default=0)


class Engine:
    """A pool for the Glicko iteration, which is slow."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._pool: Executor | None = None

    def __enter__(self) -> Engine:
        self._pool = futures.ProcessPoolExecutor(self._workers)  # expect: DUR131
        return self

    def __exit__(self, *exc: object) -> None:
        self._pool = None


def parallel(function: Callable[[T], int], items: list[T]) -> list[int]:
    """For the notebook of the rating committee."""
    with multiprocessing.Pool() as pool:
        return pool.map(function, items)


@da.activity(timeout=600)
def glicko(names: list[str], rounds: int) -> dict[str, int]:
    with futures.ThreadPoolExecutor() as pool:
        results = [pool.submit(len, name) for name in names]
        done, _ = futures.wait(results, timeout=rounds)
        return {name: future.result() for name, future in zip(names, results) if future in done}


async def _guarded(names: list[str]) -> dict[str, int]:
    task = asyncio.create_task(glicko(names, 10))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        raise


async def _lenient(names: list[str]) -> dict[str, int]:
    try:
        return await glicko(names, 3)
    except:  # expect: DUR135
        return {}


@da.orchestrator
async def close_season(players: list[Player], results: list[tuple[str, str, float]]) -> dict[str, int]:
    by_name = {player.name: player for player in players}
    table: dict[str, int] = {}
    for home, away, score in results:
        table[home] = elo(by_name[home], by_name[away], score)
    with Engine(workers=2):
        slow = await _guarded(unique(by_name))
    if not slow:
        slow = await _lenient(list(by_name))
    top = max(progression(0, table.values()))
    da.set_custom_status({"top": top, "steepest": steepest(list(table.values()))})
    return slow | table


@da.orchestrator
async def season_clock(days: int) -> str:
    for _ in range(days):
        try:
            await da.sleep(86_400)
        except BaseException as error:
            da.get_logger("season").warning("%s", error)
            raise
        finally:
            da.set_custom_status("a day is over")
    glicko(["warm-up"], 1)  # expect: DUR133
    return f"{days} days"
