"""A reading of a function gives its facts: on demand, kept, and again when there may be more.

Invariant: each function is read a bounded number of times, so that the analysis comes to an end.
"""

from __future__ import annotations

from typing import Final

from durable_lint.reach.facts import Facts, Key
from durable_lint.reach.interpreter import Interpreter
from durable_lint.reach.parameters import Parameters

__all__ = ["OFTENEST", "Readings"]

DEEPEST: Final = 40  # functions within functions that are read at a stretch
OFTENEST: Final = 5  # how often the facts of one function are made again


class Readings(Parameters):
    """The facts of functions."""

    def _start(self) -> None:
        super()._start()
        self._facts: dict[Key, Facts] = {}
        # Of functions that nothing reaches.
        self._looked: dict[Key, Facts] = {}
        # How often each function was read, in which order they were met, and who asked for them.
        self._times: dict[Key, int] = {}
        self._places: dict[Key, int] = {}
        self._users: dict[Key, set[Key]] = {}

    def facts(self, key: Key) -> Facts:
        """The facts of a function, as far as they are known now."""
        if self._doing:
            self._users.setdefault(key, set()).add(self._doing[-1])
        known = self._facts.get(key)
        if known is not None:
            return known
        if len(self._doing) >= DEEPEST:
            self._dirty.add(self._doing[-1])
            return Facts()
        return self._make(key)

    def _make(self, key: Key) -> Facts:
        facts = Facts()
        self._facts[key] = facts
        self._keys.setdefault(key.function, set()).add(key)
        self._dirty.discard(key)
        self._places.setdefault(key, len(self._places))
        self._times[key] = self._times.get(key, 0) + 1
        if self._doing:
            self.met(self._doing[-1].function.module, key.function.module)
        self._doing.append(key)
        try:
            frame = Interpreter(
                self,
                key.function.module,
                facts,
                function=key.function,
                closure=dict(key.closure),
                receiver=key.receiver,
                given=dict(key.given),
            )
            frame.run()
        except Exception as error:  # noqa: BLE001  # whatever it is, the rest is analysed
            self._gave_up(key.function.module.path, key.function.line, key.function.name, error)
        finally:
            self._doing.pop()
        return facts

    def _take_dirty(self) -> list[Key]:
        """The facts to be made again. What was met last is called by what was met before it: it
        comes first, so that callers see what has become of it. The order is the same in each run.
        """
        todo = sorted(
            (k for k in self._dirty if self._times.get(k, 0) < OFTENEST and k in self._facts),
            key=self._places.__getitem__,
            reverse=True,
        )
        self._dirty.clear()
        return todo

    def _again(self) -> bool:
        """Make the facts again that hang on something that grew. False when there were none."""
        todo = self._take_dirty()
        for key in todo:
            before = self._facts.pop(key, None)
            after = self._make(key)
            if before is not None and (
                before.returns != after.returns
                or before.yields != after.yields
                or before.continues != after.continues
                or before.mutates != after.mutates
                or before.orders != after.orders
            ):
                self._dirty |= self._users.get(key, set()) - {key}
        return bool(todo)
