"""Routes parcels."""

from pathlib import Path, PurePath

import durable_async as da
import requests

from . import parts
from .parts import BigDice, Box, Clock, Depot, Dice, Gateway, LoadedDice, Route


class Router:
    clock: Clock

    def __init__(self, root: Path) -> None:
        self.clock = Clock()
        self.depot = Depot(root, self.clock)
        self.dice: Dice = BigDice()
        self.pure = PurePath("x")

    @property
    def log(self) -> Path:
        return self.depot.root / "log"

    def number(self) -> float:
        return self.clock.now() + self.depot.clock.now() + self.dice.roll()


@da.orchestrator
async def route_parcel(name: str) -> str:
    root = Path(name)
    router = Router(root)
    router.log.touch()  # expect: DUR122
    parts.inferred().unlink()  # expect: DUR122
    with parts.opened() as client:
        client.delete("http://gate")  # expect: DUR121
    for path in parts.generated(root):
        path.mkdir()  # expect: DUR122
    session = requests.Session()
    total = parts.by_alias(session) + parts.optional(session) + parts.union(None) + Gateway(session).ping()
    total += parts.annotated(root) + parts.values({name: root}) + LoadedDice().roll() + len(parts.elements([root]))
    (first, second), third = (root, router.pure), Box(root).get()
    third.rmdir()  # expect: DUR122
    first.rename("y")  # expect: DUR122
    flags = [Route(root, "z").ready(), parts.joined(root)]
    text = parts.narrowed(root) + parts.unknown(name) + second.name + router.depot.parent()
    return f"{text} {total} {flags} {router.number()} {router.depot.labels()} {first.stem}"
