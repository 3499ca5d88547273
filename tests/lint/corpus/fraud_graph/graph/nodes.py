"""Nodes and edges, and an index by identity."""

import itertools
import weakref
from abc import ABC, abstractmethod
from collections import OrderedDict, defaultdict
from typing import Iterator, Self


class Node(ABC):
    __slots__ = ("key", "_edges", "__weakref__")

    def __init__(self, key: str) -> None:
        self.key = key
        self._edges: set["Node"] = set()

    def connect(self, other: "Node") -> Self:
        self._edges.add(other)
        other._edges.add(self)
        return self

    @abstractmethod
    def risk(self) -> float: ...

    def neighbours(self) -> Iterator["Node"]:
        yield from self._edges  # expect: DUR134

    def ordered(self) -> list["Node"]:
        return sorted(self._edges, key=lambda node: node.key)

    def degree(self) -> int:
        return sum(1 for _ in self._edges)

    def keys(self) -> set[str]:
        return {node.key for node in self._edges}


class Person(Node):
    def risk(self) -> float:
        return min(1.0, self.degree() / 10)


class Device(Node):
    def risk(self) -> float:
        return max((node.risk() for node in self._edges if isinstance(node, Person)), default=0.0)

    def shard(self) -> int:
        return hash(self.key) % 16  # expect: DUR125

    def bucket(self) -> int:
        return hash(len(self.key)) % 16


class Index:
    def __init__(self) -> None:
        self._by_id: dict[int, Node] = {}
        self._by_key: "OrderedDict[str, Node]" = OrderedDict()

    def put(self, node: Node) -> None:
        self._by_id[id(node)] = node
        self._by_key[node.key] = node

    def __getitem__(self, key: str) -> Node:
        return self._by_key[key]

    def __iter__(self) -> Iterator[Node]:
        return iter(self._by_key.values())

    def __len__(self) -> int:
        return len(self._by_key)


class Watchers:
    """Of the dashboard."""

    def __init__(self) -> None:
        self._refs: list["weakref.ref[Node]"] = []

    def add(self, node: Node) -> None:
        weakref.finalize(node, print, "gone")
        self._refs.append(weakref.ref(node))


def pairs(index: Index) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for left, right in itertools.combinations(index, 2):
        if right in left._edges:
            found[left.key].append(right.key)
    return dict(found)
