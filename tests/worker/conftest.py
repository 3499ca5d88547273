"""What holds for the tests of workers."""

from collections.abc import Iterator

import pytest

from . import bench


@pytest.fixture(autouse=True)
def close_benches() -> Iterator[None]:
    yield
    for each in bench.OPEN:
        each.activities.close()
    bench.OPEN.clear()
