"""The reference engine: a store in memory, written to be read first. Invariant: the engine is what
is imported from here; everything else is its own affair.

An engine of another kind may store what it likes; what it answers to a batch must be what this
one answers. `durable_async.testing.conformance` compares them.

To find your way: `engine` takes a batch apart; `rows` says what is stored, and `store` finds it.
`instances` begin, hear and end; `episodes` carry out what their code asks for; `rewinds` take
them back. `activities`, `entities` (queues and locks) and `operations` are what they have going
on. `claims` and `sessions` say who is given what, and for how long; `queries` read.
"""

from __future__ import annotations

from durable_async.engines.memory.engine import MemoryEngine

__all__ = ["MemoryEngine"]
