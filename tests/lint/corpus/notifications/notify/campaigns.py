"""The orchestrators."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta

import durable_async as da

from notify import audience, rendering
from notify.audience import Recipient, Segment
from notify.channels import Delivery, channel_for
from notify.channels.base import campaign
from notify.config import QUIET_HOURS, is_new_deploy

log = da.get_logger(__name__)


@da.activity
async def load_segment(name: str) -> list[Recipient]:
    return audience.fake_segment(20).recipients


@da.activity
async def record(name: str, refs: list[str]) -> int:
    with open(f"/srv/campaigns/{name}.txt", "a") as out:
        out.writelines(f"{datetime.now()} {ref}\n" for ref in refs)
    return len(refs)


@contextlib.asynccontextmanager
async def undone_on_failure() -> AsyncIterator[contextlib.AsyncExitStack]:
    async with contextlib.AsyncExitStack() as undo:
        yield undo
        undo.pop_all()


@da.orchestrator
async def run_campaign(name: str, template: str, wave: int = 100) -> int:
    campaign.set(name)
    segment = Segment(name, await load_segment(name))
    excluded = audience.holdout(segment, 0.05) | audience.holdout_seeded(segment, 0.01, name)
    da.set_custom_status({"languages": list(segment.languages())})
    log.info("%s, %d held out", name, len(excluded))
    total = 0
    async with undone_on_failure() as undo:
        undo.push_async_callback(record, name, ["rolled back"])
        async for recipients in audience.waves(segment, wave, pause=60):
            await outside_quiet_hours()
            chosen = [r for r in recipients if r.user not in excluded and r.reachable()]
            sending = {asyncio.create_task(send_one(r, template), name=r.user) for r in chosen}
            while sending:
                done, sending = await asyncio.wait(sending, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    total += await record(name, [task.result().ref])
    return total


async def send_one(recipient: Recipient, template: str) -> Delivery:
    now = da.now()
    hello = rendering.greeting(recipient.user, now)
    subject = rendering.subject("News for you" if not is_new_deploy(now) else "News", recipient.language)
    async with channel_for(recipient.preferred()) as channel:
        sending = channel.send(recipient.user, subject, rendering.body(template, {"hello": hello}))
        try:
            return await asyncio.shield(sending)
        except TimeoutError:
            return Delivery(recipient.user, "none", rendering.footer(channel.name))


async def outside_quiet_hours() -> None:
    while da.now().hour in QUIET_HOURS:
        await asyncio.sleep(600)


@da.orchestrator
async def remind(user: str, due: datetime, texts: list[str]) -> bool:
    answered = asyncio.Event()
    answers: asyncio.Queue[str] = asyncio.Queue(maxsize=10)

    async def listen() -> None:
        async for answer in da.events("answer", str):
            await answers.put(answer)
            answered.set()

    listener = asyncio.create_task(listen())
    await da.sleep_until(due - timedelta(days=len(texts)))
    try:
        for text in texts:
            await send_one(Recipient(user), text)
            try:
                async with asyncio.timeout(86_400):
                    await answered.wait()
            except TimeoutError:
                continue
            break
    finally:
        listener.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await listener
    if answered.is_set():
        record(user, ["answered"])  # expect: DUR133
    return answered.is_set() and answers.get_nowait() == "yes"


@da.orchestrator
async def escalate(users: list[str], text: str) -> str | None:
    """The first who acknowledges wins."""
    asked = set(users)
    tasks = [asyncio.create_task(ask(user, text)) for user in asked]  # expect: DUR134
    for next_done in asyncio.as_completed(tasks, timeout=3_600):
        if winner := await next_done:
            break
    else:
        winner = None
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    everyone = asyncio.gather(*{inform(user, winner) for user in users})  # expect: DUR134
    await everyone
    return winner


async def ask(user: str, text: str) -> str | None:
    await send_one(Recipient(user, frozenset({"sms"})), text)
    try:
        return user if await da.wait_for_event(f"ack-{user}", bool) else None
    except asyncio.CancelledError:  # expect: DUR135
        log.info("%s was too slow", user)
        return None


async def inform(user: str, winner: str | None) -> None:
    await send_one(Recipient(user), f"taken by {winner or 'nobody'}")


@da.orchestrator
async def keep_warm(every: float) -> None:
    hooks: list[Callable[[], Awaitable[object]]] = [lambda: load_segment("all")]
    for _ in range(100):
        for hook in hooks:
            await hook()
        await asyncio.sleep(every)
    da.continue_as_new(keep_warm(every))


def schedule_nightly(client: da.Client) -> None:
    """Called by the deployment."""

    @da.orchestrator
    async def nightly_cleanup(day: str) -> None:  # expect: DUR152
        await record("cleanup", [day])

    client.handle(f"cleanup-{datetime.now():%Y%m%d}")
