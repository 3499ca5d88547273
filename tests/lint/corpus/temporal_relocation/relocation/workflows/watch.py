from __future__ import annotations

import asyncio
import os
import threading
from datetime import timedelta

from temporalio import workflow

from .base import BaseWorkflow

_HITS: dict[str, int] = {}


def _count(country: str) -> int:
    _HITS[country] = _HITS.get(country, 0) + 1  # expect: DUR141
    return len(country)


def _debug_dump() -> None:
    print(_HITS, threading.active_count())


@workflow.defn(name="policy-watch", sandboxed=False)
class PolicyWatch(BaseWorkflow):
    def __init__(self) -> None:
        super().__init__()
        self._changed = asyncio.Event()
        self.countries: list[str] = []

    @workflow.run
    async def run(self, countries: list[str], rounds: int = 0) -> None:
        self.countries = countries
        region = os.getenv("POLICY_REGION", "eu")  # expect: DUR124
        while not workflow.info().is_continue_as_new_suggested():
            try:
                await asyncio.wait_for(self._changed.wait(), timeout=timedelta(days=1).total_seconds())
            except asyncio.TimeoutError:
                pass
            self._changed.clear()
            for country in set(self.countries):  # expect: DUR134
                await workflow.execute_activity(
                    "check-policy", args=[region, country], start_to_close_timeout=timedelta(minutes=3)
                )
                self.note(f"{country}: {_count(country)}")
        workflow.continue_as_new(args=[self.countries, rounds + 1])

    @workflow.signal
    def changed(self, country: str) -> None:
        if country not in set(self.countries):
            self.countries.append(country)
        self._changed.set()

    @workflow.query
    def known(self) -> list[str]:
        return sorted(set(self.countries))
