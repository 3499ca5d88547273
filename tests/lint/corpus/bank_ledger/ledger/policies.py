"""Who may move how much; a class hierarchy with overrides."""

from __future__ import annotations

import abc
import getpass
import os
import platform


class Policy(abc.ABC):
    limit = 10_000

    @abc.abstractmethod
    def allows(self, cents: int) -> bool: ...

    @property
    def label(self) -> str:
        return type(self).__name__

    def __contains__(self, cents: int) -> bool:
        return self.allows(cents)


class RetailPolicy(Policy):
    def allows(self, cents: int) -> bool:
        return cents <= self.limit


class BranchPolicy(RetailPolicy):
    """Tellers may do more on the machines of a branch."""

    def allows(self, cents: int) -> bool:
        if platform.node().startswith("branch-"):  # expect: DUR125
            return True
        return super().allows(cents)

    @property
    def label(self) -> str:
        return f"branch:{getpass.getuser()}"  # expect: DUR125


class CorporatePolicy(Policy):
    def __init__(self) -> None:
        self.limit = int(os.getenv("CORPORATE_LIMIT", "5000000"))  # expect: DUR124

    def allows(self, cents: int) -> bool:
        return cents <= self.limit


class SandboxRules:
    """Never used outside the sandbox's own process."""

    def allows(self, cents: int) -> bool:
        return os.getenv("SANDBOX") == "1" or os.getpid() % 2 == 0


def policy_for(segment: str) -> Policy:
    if segment == "corporate":
        return CorporatePolicy()
    if segment == "branch":
        return BranchPolicy()
    return RetailPolicy()
