"""Which model a SKU uses: an entity per category, and the defaults."""

import json
import locale
import random
from pathlib import Path

import attrs
import durable_async as da

DEFAULTS = json.loads(Path(__file__).with_name("defaults.json").read_text())


@da.entity
@attrs.define
class ModelRegistry:
    models: dict[str, str] = attrs.field(factory=dict)
    history: list[str] = attrs.field(factory=list)
    version: int = 0

    def assign(self, sku: str, model: str) -> None:
        self.models[sku] = model
        self.version += 1
        self.history.append(f"{da.now():%Y-%m-%d} {sku}={model}")

    def model_of(self, sku: str) -> str:
        return self.models.get(sku, DEFAULTS.get("model", "seasonal"))

    async def rebalance(self, skus: list[str]) -> int:
        challengers = {sku for sku in skus if sku not in self.models}
        for sku in challengers:  # expect: DUR134
            self.history.append(sku)
        chosen = da.random().sample(sorted(challengers), k=min(3, len(challengers)))
        for sku in chosen:
            self.models[sku] = random.choice(("seasonal", "trend"))  # expect: DUR111
        return len(chosen)

    def label(self) -> str:
        language, _ = locale.getlocale()  # expect: DUR125
        return f"{self.version} ({language})"


class RegistryFile:
    """The old registry; only the migration script reads it."""

    def __init__(self, path: str) -> None:
        self.data = json.loads(Path(path).read_text())
        self.token = random.random()
