"""Signals that stop a worker."""

import asyncio
import os
import signal

from durable_async.worker.stopping import StopSignals


async def test_the_first_signal_asks_and_the_second_insists() -> None:
    with StopSignals() as signals:
        os.kill(os.getpid(), signal.SIGTERM)
        await signals.asked.wait()
        assert not signals.insisted.is_set()
        os.kill(os.getpid(), signal.SIGINT)
        await signals.insisted.wait()


async def test_handlers_are_put_back() -> None:
    before = [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)]
    with StopSignals():
        assert signal.getsignal(signal.SIGTERM) is not before[1]
    assert [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)] == before


async def test_in_another_thread_nothing_is_touched() -> None:
    before = signal.getsignal(signal.SIGTERM)

    async def inside() -> None:
        with StopSignals() as signals:
            assert signal.getsignal(signal.SIGTERM) is before
            assert not signals.asked.is_set()

    await asyncio.to_thread(lambda: asyncio.run(inside()))
