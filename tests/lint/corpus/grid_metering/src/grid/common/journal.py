"""Every reading that is corrected by hand leaves a line in the journal."""

import contextlib
import os
import tempfile
import threading
import time
from types import TracebackType


class Journal:
    def __init__(self, meter: str, root: str = "/var/lib/grid") -> None:
        self.meter = meter
        self.path = os.path.join(root, f"{meter}.journal")
        self._lock = threading.Lock()  # expect: DUR131

    def __enter__(self) -> "Journal":
        self._started = time.perf_counter()  # expect: DUR101
        self._file = open(self.path, "a", encoding="utf-8")  # expect: DUR122
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._file.close()

    def __lshift__(self, line: str) -> "Journal":
        self._file.write(f"{os.getpid()} {line}{os.linesep}")  # expect: DUR125
        return self

    def __len__(self) -> int:
        return os.path.getsize(self.path)  # expect: DUR122

    def __contains__(self, text: str) -> bool:
        with open(self.path, encoding="utf-8") as file:
            return any(text in line for line in file)

    def rotate(self) -> None:
        os.replace(self.path, f"{self.path}.{int(time.time())}")


@contextlib.contextmanager
def workspace(meter: str):
    with contextlib.ExitStack() as stack:
        name = tempfile.mkdtemp(prefix=meter)  # expect: DUR122
        stack.callback(_clean, name)
        yield name


def _clean(name: str) -> None:
    os.rmdir(name)  # expect: DUR122
