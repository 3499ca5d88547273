"""A dict that is written to disk when it is left."""

import json
import os
from collections.abc import Iterator, MutableMapping


class Ledger(MutableMapping[str, str]):
    root = os.environ.get("LEDGER", "/var/ledger")

    def __init__(self, carrier: str) -> None:
        self._carrier = carrier
        self._rows: dict[str, str] = {}

    def __getitem__(self, key: str) -> str:
        return self._rows[key]

    def __setitem__(self, key: str, value: str) -> None:
        self._rows[key] = value
        os.makedirs(self.folder, exist_ok=True)  # expect: DUR122

    def __delitem__(self, key: str) -> None:
        del self._rows[key]
        os.remove(os.path.join(self.folder, key))

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def folder(self) -> str:
        return os.path.join(os.path.expanduser(self.root), self._carrier)  # expect: DUR124

    def __enter__(self) -> "Ledger":
        return self

    def __exit__(self, *exc: object) -> None:
        with open(os.path.join(self.folder, "ledger.json"), "w") as file:  # expect: DUR122
            json.dump(self._rows, file)
