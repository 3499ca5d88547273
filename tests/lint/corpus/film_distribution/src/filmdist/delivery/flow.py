import contextlib
import itertools

import durable_async as da
from durable_async import activity, orchestrator

from .packages import Package

_counter = itertools.count()
_delivered: dict[str, str] = {}


@activity
async def upload(path: str, checksum: str) -> str:
    return f"{path}@{checksum}"


def _number() -> int:
    return next(_counter)  # expect: DUR141


def _remember(title: str, receipt: str) -> str:
    return _delivered.setdefault(title, receipt)  # expect: DUR141


@contextlib.contextmanager
def _quietly(*kinds: type[BaseException]):
    try:
        yield
    except kinds as error:
        print("ignored", error)  # expect: DUR143


@orchestrator
async def deliver(title: str, kinds: list[str]) -> list[str]:
    receipts = []
    for kind in kinds:
        package = Package.of(kind, title)
        with _quietly(ValueError, OSError):
            receipts.append(await upload(str(package.path), package.checksum()))
        da.set_custom_status(package.describe(len(receipts)))
    receipt = _remember(title, f"{_number()}:{receipts[0]}")
    return [*receipts, receipt]
