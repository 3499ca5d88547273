"""Offline evaluation: plain asyncio, no engine."""

import argparse
import asyncio
import json
import random
import statistics
import time
from pathlib import Path

from .loop import Agent, Turn
from .memory import Recorder, answers
from .tools import open_page


class Scripted(Agent):
    def __init__(self, replies: list[str]) -> None:
        super().__init__(Recorder())
        self.replies = replies

    async def turn(self) -> Turn:
        await asyncio.to_thread(time.sleep, random.random() / 10)
        return Turn("assistant", self.replies.pop() if self.replies else "")


async def one(case: dict[str, str]) -> float:
    started = time.perf_counter()
    try:
        await Scripted([case["reply"]]).run(case["question"])
    except BaseException as error:
        print(case["question"], error)
    return time.perf_counter() - started


async def main(path: Path) -> None:
    cases = [json.loads(line) for line in path.read_text().splitlines()]
    random.shuffle(cases)
    seconds = await asyncio.gather(*(one(case) for case in cases))
    print(f"median {statistics.median(seconds):.3f} s, {len(answers)} answers")
    open_page("http://localhost:8000/report")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("path", type=Path)
    asyncio.run(main(parser.parse_args().path))
