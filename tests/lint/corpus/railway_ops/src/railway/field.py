import os
import random
import time

import durable_async as da


@da.activity
def set_points(section: str, train: str) -> None:
    time.sleep(random.random())
    os.makedirs(f"/var/points/{section}", exist_ok=True)


@da.activity
async def whistle(line: str, volume: int) -> None:
    print(line * volume)
