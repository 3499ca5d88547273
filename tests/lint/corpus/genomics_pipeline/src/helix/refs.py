from __future__ import annotations

import importlib
import marshal
import os
from dataclasses import dataclass
from pathlib import Path, PurePath

BASE = PurePath("/data/refs")
ALIASES = {"human": "GRCh38", "mouse": "GRCm39"}


@dataclass(frozen=True)
class Reference:
    name: str
    index: str

    @classmethod
    def named(cls, alias: str) -> Reference:
        name = ALIASES.get(alias, alias)
        if not name.isalnum():
            name = cls._expression(name)
        return cls(name, str(BASE / name / "bwa"))

    @staticmethod
    def _expression(text: str) -> str:
        code = compile(text, "<reference>", "eval")  # expect: DUR142
        return str(eval(code, {"ALIASES": ALIASES}))  # expect: DUR142

    def path_of(self, kind: str) -> str:
        builder = importlib.import_module(f"helix.kinds.{kind}")  # expect: DUR142
        link = Path(BASE) / self.name / builder.SUFFIX
        if link.is_symlink():  # expect: DUR122
            return os.readlink(link)  # expect: DUR122
        return str(link.with_suffix(".fa"))

    def cached(self) -> object:
        return marshal.loads(Path(self.index).read_bytes())
