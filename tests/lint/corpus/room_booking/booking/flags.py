"""Feature flags: fetched by the ops sidecar, mirrored in the environment."""
from __future__ import annotations

import os
from typing import Final

DEFAULTS: Final = {"vouchers": True, "overbook": False, "new-pricing": False}
PINNED = {name: os.environ.get(f"FLAG_{name.upper()}") == "1" for name in ("new-pricing",)}


class Flags:
    overrides: dict[str, bool] = {}

    @classmethod
    def set(cls, name: str, value: bool) -> None:
        cls.overrides[name] = value  # expect: DUR141

    @classmethod
    def on(cls, name: str) -> bool:
        if name in PINNED:
            return PINNED[name]
        if name in cls.overrides:  # expect: DUR141
            return cls.overrides[name]  # expect: DUR141
        raw = os.getenv("FLAG_" + name.upper())  # expect: DUR124
        return DEFAULTS[name] if raw is None else raw == "1"
