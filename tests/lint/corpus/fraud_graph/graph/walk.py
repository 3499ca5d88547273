"""Walking the graph."""

from collections import deque
from collections.abc import AsyncIterator, Callable

from . import store
from .nodes import Device, Index, Node, Person

Visit = Callable[[Node], None]


async def build(accounts: list[str]) -> Index:
    index = Index()
    for account in accounts:
        for person, device in await store.edges_of(account):
            left, right = Person(person), Device(device)
            left.connect(right)
            index.put(left)
            index.put(right)
    return index


def breadth_first(start: Node, visit: Visit, *, stable: bool = True) -> int:
    queue, seen = deque([start]), {start}
    while queue:
        node = queue.popleft()
        visit(node)
        around = node.ordered() if stable else list(node.neighbours())
        queue.extend(n for n in around if n not in seen)
        seen |= set(around)
    return len(seen)


async def batches(index: Index, size: int) -> AsyncIterator[list[Node]]:
    batch: list[Node] = []
    for node in index:
        batch.append(node)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


class Collector:
    shared: list[str] = []

    def __init__(self) -> None:
        self.own: list[str] = []

    def __call__(self, node: Node) -> None:
        self.own.append(node.key)

    def everywhere(self, node: Node) -> None:
        self.shared.append(node.key)  # expect: DUR141
