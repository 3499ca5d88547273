"""First notification of loss. Everything nondeterministic is asked of the runtime."""
from __future__ import annotations

import asyncio
import hashlib
import json
import os.path
import re
import time
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

import durable_async as da

from claims import requests, subprocess
from claims.random import choice

if TYPE_CHECKING:
    import socket
    import threading

SPACE = UUID(int=7)


@dataclass
class Claim:
    policy: str
    text: str
    photos: list[str] = field(default_factory=list)
    filed: str = ""


@da.activity
def assess(claim: dict[str, Any]) -> int:
    time.sleep(0.5)
    return len(claim["text"]) * 100


@da.orchestrator
async def handle_claim(claim: Claim) -> dict[str, Any]:
    number = str(uuid5(SPACE, claim.policy))
    token = da.uuid4()
    filed = datetime.fromisoformat(claim.filed) if claim.filed else da.now()
    names = {os.path.basename(p) for p in claim.photos}
    kept = sorted(names)
    suffixes = {PurePosixPath(n).suffix for n in names}
    fraud = requests.get(claim.text) or any(s not in {".jpg", ".png"} for s in suffixes)
    handler = choice(["Mia", "Tom"], da.random("handler"))
    if fraud:
        handler = subprocess.run(handler)
    log = da.get_logger(__name__)
    log.info("%s filed %s", number, time.strftime("%d.%m.%Y", filed.timetuple()))
    async with asyncio.timeout(timedelta(days=30).total_seconds()):
        cents, *_ = await asyncio.gather(assess(asdict(claim)), da.wait_for_event("documents"))
    elapsed = asyncio.get_running_loop().time() - filed.timestamp()
    loop = asyncio.get_running_loop()
    paid = loop.create_future()
    loop.call_later(1, paid.set_result, cents)
    sha = hashlib.sha256(json.dumps(kept).encode()).hexdigest()
    return {"number": number, "by": handler, "paid": await paid, "sha": sha, "token": str(token), "s": elapsed}


async def close_stale(connection: socket.socket, lock: threading.Lock) -> None:
    """Called by the gateway process, not by a workflow."""
    with lock:
        connection.sendall(str(datetime.now(timezone.utc)).encode())
    await asyncio.to_thread(re.purge)
