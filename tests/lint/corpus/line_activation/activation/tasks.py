from __future__ import annotations

import os
import random
import subprocess
import sys

import durable_async as da

from activation.wire import Olt


@da.activity(retry=da.RetryPolicy(max_attempts=3, jitter=0.2))
def configure(line: str, profile: str) -> list[str]:
    olt = Olt.parse(line)
    sent = []
    with olt.session() as session:
        for command in olt.commands(profile):
            session.send(command)
            sent.append(command)
    return sent


@da.activity
def signal_level(line: str) -> float:
    out = subprocess.run(["snmpget", line], capture_output=True, env=dict(os.environ), check=False)
    print(out.stderr, file=sys.stderr)
    return float(out.stdout or random.gauss(-20, 1))


@da.activity
async def tell(customer: str, text: str) -> None:
    print(customer, text)
