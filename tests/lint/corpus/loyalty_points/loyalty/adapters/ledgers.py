"""Ledgers in memory and in a file."""

import gc
import json
import os
import pickle
import shelve
import zipfile
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict

from ..ports import Entry


class MemoryLedger:
    def __init__(self, opening=()):
        self._entries = defaultdict(list)
        self._codes = set()
        for entry in opening:
            self.append(entry)

    def append(self, entry: Entry) -> None:
        self._entries[entry.customer].append(entry)
        self._codes.add(entry.reason)

    def balance(self, customer: str) -> int:
        return sum(entry.points for entry in self._entries[customer])

    def entries(self, customer: str) -> Iterable[Entry]:
        return tuple(self._entries[customer])

    def reasons(self) -> list[str]:
        return list(map(str.title, self._codes))  # expect: DUR134

    def reason_count(self) -> int:
        return len({code.lower() for code in self._codes})

    def compact(self) -> None:
        gc.collect()  # expect: DUR125
        for customer in list(self._entries):
            self._entries[customer].sort(key=lambda entry: entry.at)

    def clone(self) -> "MemoryLedger":
        copy = MemoryLedger()
        copy._entries.update(pickle.loads(pickle.dumps(dict(self._entries))))  # expect: DUR142
        return copy


class FileLedger(MemoryLedger):
    """The branch offices' ledger; survives the process."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self._path = path

    def append(self, entry: Entry) -> None:
        super().append(entry)
        with open(self._path, "a") as file:
            json.dump(asdict(entry), file, default=str)
            os.fsync(file.fileno())

    def archive(self) -> None:
        with zipfile.ZipFile(f"{self._path}.zip", "w") as archive:
            archive.write(self._path)
        with shelve.open(f"{self._path}.index") as index:
            index["archived"] = os.path.getmtime(self._path)
