"""Fulfil some hundred orders, kill the worker in the middle, and prove that nobody paid twice.

Invariant: the exit code is 0 only if the payment service's ledger and the warehouse bear out what
the orchestrators say.

Three processes: this one places orders, decides about dear ones and watches; the worker fulfils
them; the payment service takes the money. All that they share is what an engine, a warehouse file
and HTTP carry.

    python demo.py [--orders 240] [--seed 7] [--url sqlite:///shop.db] [--plain] [--keep]
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import os
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

import attrs

import durable_async as da
from audit import Evidence, Finding, audit, table
from display import (
    GREEN,
    RED,
    Display,
    Progress,
    Style,
    counts,
    finding_lines,
    open_display,
    table_lines,
)
from fulfilment import Phase
from ledger import read_ledger
from orders import Ending, read_orders
from processes import ProcessError, WorkerProcess, payment_service
from shop import ORDERS_A_SECOND, Manager, Shop
from warehouse import Warehouse, read_catalogue

GLANCE: Final = 0.2
"""Seconds between two looks at how far the orders are."""

KILL_FROM: Final = 0.40
KILL_UNTIL: Final = 0.48
"""The worker is killed at this share of ended orders, when there is one in every phase; at the
latest at that share."""

DOWN_TIME: Final = 1.0
"""Seconds without a worker."""

PATIENCE: Final = 120
"""Seconds in which no order ends until the demo gives up."""

FEWEST_ORDERS: Final = 20

LOG: Final = "processes.log"
"""What the three processes have to say, beside what is shown."""

NOT_BEGUN: Final = "not begun"
FAILED: Final = "failed"
"""Beside the phases and the endings that an order gives itself."""


@attrs.frozen(kw_only=True)
class Settings:
    """url: of an engine; None takes an SQLite file in the demo's own folder."""

    url: str | None
    orders: int
    seed: int
    plain: bool
    keep: bool


class Story:
    """What happens: orders come in, the worker is killed and started again, all orders end."""

    def __init__(
        self, shop: Shop, manager: Manager, worker: WorkerProcess, display: Display
    ) -> None:
        self.interrupted: frozenset[str] = frozenset()
        self.killed_at: Progress | None = None
        self._shop = shop
        self._manager = manager
        self._worker = worker
        self._display = display
        self._began = time.monotonic()

    async def unfold(self, patience: asyncio.Timeout) -> None:
        """Return when every order has ended. patience: put off whenever one has."""
        ended = 0.0
        async with asyncio.TaskGroup() as group:
            group.create_task(self._shop.place_all())
            while True:
                self._worker.check()
                states = await self._shop.states()
                progress = self._progress(states)
                self._display.update(progress)
                if progress.share == 1:
                    return
                if progress.share > ended:
                    ended = progress.share
                    patience.reschedule(asyncio.get_running_loop().time() + PATIENCE)
                self._manager.look_at(states, group)
                if self.killed_at is None and is_time_to_kill(progress):
                    self.killed_at = progress
                    group.create_task(self._kill_and_start_again())
                await asyncio.sleep(GLANCE)

    async def _kill_and_start_again(self) -> None:
        killed = self._worker.label
        await self._worker.kill()
        # Nobody moves these now.
        states = await self._shop.states()
        self.interrupted = frozenset(
            order_id for order_id, state in states.items() if not has_ended(state)
        )
        self.killed_at = self._progress(states)
        self._display.say(
            f"SIGKILL: {killed} is gone, with {counts(self.killed_at.under_way)} "
            "under way; orders and approvals keep coming in"
        )
        await asyncio.sleep(DOWN_TIME)
        await self._worker.start()
        self._display.say(f"started {self._worker.label}, which knows nothing but the engine")

    def _progress(self, states: dict[str, da.InstanceState]) -> Progress:
        under_way = Counter(phase_of(state) for state in states.values() if not has_ended(state))
        ended = Counter(ending_of(state) for state in states.values() if has_ended(state))
        return Progress(
            seconds=time.monotonic() - self._began,
            total=len(self._shop.orders),
            placed=self._shop.placed,
            under_way={phase: under_way[phase] for phase in (NOT_BEGUN, *Phase)},
            ended={ending: ended[ending] for ending in (*Ending, FAILED)},
            worker=self._worker.label,
        )


def has_ended(state: da.InstanceState) -> bool:
    return state.status.has_ended


def phase_of(state: da.InstanceState) -> str:
    return NOT_BEGUN if state.custom_status is None else str(state.custom_status)


def ending_of(state: da.InstanceState) -> str:
    completed = state.status is da.RuntimeStatus.COMPLETED
    return str(state.output["ending"]) if completed else FAILED


def is_time_to_kill(progress: Progress) -> bool:
    in_every_phase = all(progress.under_way[phase] for phase in Phase if phase != Phase.RESERVING)
    return progress.share >= (KILL_FROM if in_every_phase else KILL_UNTIL)


async def run(settings: Settings, folder: Path, display: Display) -> tuple[Evidence, Finding]:
    """Run the demo in a folder; what the outside world has recorded, and whether the worker was
    killed at a good moment."""
    orders = read_orders()[: settings.orders]
    warehouse = Warehouse(folder / "warehouse.db")
    warehouse.receive(read_catalogue())
    ledger, log = folder / "ledger.jsonl", folder / LOG
    url = settings.url or f"sqlite:///{folder / 'durable.db'}"
    async with AsyncExitStack() as stack:
        payments = await stack.enter_async_context(payment_service(ledger, settings.seed, log))
        options = ("--url", url, "--warehouse", str(folder / "warehouse.db"))
        client = await stack.enter_async_context(da.Client(url))
        worker = WorkerProcess((*options, "--payments", payments), log)
        await worker.start()
        stack.push_async_callback(worker.stop)
        shop = Shop(client, orders)
        stack.push_async_callback(shop.take_back)
        manager = Manager(shop, settings.seed)
        story = Story(shop, manager, worker, display)
        with contextlib.suppress(TimeoutError):  # the audit will say what has not ended
            async with asyncio.timeout(PATIENCE) as patience:
                await story.unfold(patience)
        outcomes, troubles = await shop.outcomes()
    evidence = Evidence(
        orders=orders,
        outcomes=outcomes,
        troubles=troubles,
        approved=frozenset(manager.approved),
        interrupted=story.interrupted,
        ledger=read_ledger(ledger),
        articles=warehouse.articles(),
        reservations=warehouse.reservations(),
        parcels=warehouse.parcels(),
    )
    return evidence, interruption(story.killed_at, len(story.interrupted))


def interruption(killed_at: Progress | None, under_way: int) -> Finding:
    """Whether the demo has shown what it set out to show."""
    objections = []
    if killed_at is None:
        objections.append("the worker was never killed")
    elif not under_way:
        objections.append("no order was under way when the worker was killed")
    share = 0 if killed_at is None else killed_at.share
    return Finding(
        claim="a worker was killed in the middle, and another one went on",
        detail=f"at {share:.0%}, {under_way} orders under way",
        objections=tuple(objections),
    )


def demonstrate(settings: Settings, folder: Path) -> bool:
    """Run the demo, print what came of it, and say whether every claim holds."""
    style = Style.of(sys.stdout, plain=settings.plain)
    display = open_display(sys.stdout, plain=settings.plain)
    began = time.monotonic()
    display.say(
        f"{settings.orders} orders, {ORDERS_A_SECOND} a second; the payment service is slow, fails "
        "now and then, and sometimes charges without saying so"
    )
    evidence, interruption = asyncio.run(run(settings, folder, display))
    findings = [interruption, *audit(evidence)]
    good = all(finding.holds for finding in findings)
    print()
    print(*table_lines(table(evidence), style), sep="\n")
    print()
    for finding in findings:
        print(*finding_lines(finding, style), sep="\n")
    print()
    if good:
        seconds = time.monotonic() - began
        verdict = f"PASSED: {settings.orders} orders in {seconds:.0f} s, and nobody paid twice."
    else:
        failed = sum(not finding.holds for finding in findings)
        verdict = f"FAILED: {failed} of {len(findings)} claims do not hold."
    print(style.paint(verdict, GREEN if good else RED))
    return good


def parse(arguments: Sequence[str] | None) -> Settings:
    available = len(read_orders())
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--url",
        default=os.environ.get("DURABLE_URL") or None,
        help="of an engine; default: DURABLE_URL, else an SQLite file of the demo's own",
    )
    parser.add_argument(
        "--orders", type=int, default=available, metavar="N", help=f"default: {available}"
    )
    parser.add_argument("--seed", type=int, default=7, help="of what goes wrong, and of decisions")
    parser.add_argument("--plain", action="store_true", help="a line a second, as in a log")
    parser.add_argument("--keep", action="store_true", help="keep the folder with all files")
    options = parser.parse_args(arguments)
    if not FEWEST_ORDERS <= options.orders <= available:
        parser.error(f"--orders is {options.orders}; take {FEWEST_ORDERS} to {available}")
    if options.url is not None and options.url.rstrip("/") == "sqlite:":
        parser.error(f"{options.url} is the memory of one process; take sqlite:///shop.db")
    return Settings(
        url=options.url,
        orders=options.orders,
        seed=options.seed,
        plain=options.plain,
        keep=options.keep,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    settings = parse(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # it ends as Ctrl-C does
    folder = Path(tempfile.mkdtemp(prefix="order-fulfilment-"))
    logging.basicConfig(filename=folder / LOG, format="%(levelname)s %(name)s: %(message)s")
    code, keep = 1, True  # what went wrong can be looked at
    try:
        if demonstrate(settings, folder):
            code, keep = 0, settings.keep
    except* (ProcessError, da.DurableError) as group:
        print(*group.exceptions, sep="\n", file=sys.stderr)
    except* KeyboardInterrupt:
        print("\nStopped; nothing is left running.", file=sys.stderr)
        code, keep = 130, settings.keep
    finally:
        if keep:
            print(f"All files are in {folder}")
        else:
            shutil.rmtree(folder)
    return code


if __name__ == "__main__":
    sys.exit(main())
