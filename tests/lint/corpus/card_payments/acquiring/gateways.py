"""Scheme-specific rules: references, fees and cut-off times."""

from __future__ import annotations

import abc
import hashlib
import random
import secrets
import time
import uuid
from datetime import date, datetime, timezone

NAMESPACE = uuid.UUID("6f2d1f6c-6a0a-4f5c-8d8e-0b8f6d3a9b11")


class Gateway(abc.ABC):
    """What a scheme adds to a payment before it is sent."""

    scheme = "generic"
    fee_basis_points = 120

    @abc.abstractmethod
    def reference(self, merchant_id: str, order_id: str) -> str:
        """The reference printed on the card holder's statement."""

    def fee(self, amount_minor: int) -> int:
        return amount_minor * self.fee_basis_points // 10_000

    def cut_off_passed(self, cut_off_hour: int) -> bool:
        return datetime.now(timezone.utc).hour >= cut_off_hour  # expect: DUR101

    def settlement_day(self) -> str:
        return date.today().isoformat()  # expect: DUR101


class VisaGateway(Gateway):
    scheme = "visa"

    def reference(self, merchant_id: str, order_id: str) -> str:
        digest = hashlib.sha256(f"{merchant_id}:{order_id}".encode()).hexdigest()
        return digest[:12].upper()


class MastercardGateway(Gateway):
    scheme = "mastercard"
    fee_basis_points = 135

    def reference(self, merchant_id: str, order_id: str) -> str:
        suffix = secrets.token_hex(3)  # expect: DUR111
        return f"{merchant_id[:6]}{suffix}".upper()


class AmexGateway(Gateway):
    scheme = "amex"
    fee_basis_points = 240

    def __init__(self, submitter_id: str) -> None:
        self.submitter_id = submitter_id
        self.session_tag = uuid.uuid4().hex[:8]  # expect: DUR112

    def reference(self, merchant_id: str, order_id: str) -> str:
        stable = uuid.uuid5(NAMESPACE, f"{merchant_id}/{order_id}")
        return f"{self.submitter_id}-{stable.hex[:10]}"

    def fee(self, amount_minor: int) -> int:
        base = super().fee(amount_minor)
        return base + 10


class SandboxGateway(Gateway):
    """Used by the demo shop only; nothing in the flows selects it."""

    scheme = "sandbox"

    @staticmethod
    def demo_latency() -> float:
        time.sleep(0.2)
        return random.uniform(0.1, 0.9)

    def reference(self, merchant_id: str, order_id: str) -> str:
        return "SANDBOX"


def gateway_for(card_number_prefix: str) -> Gateway:
    if card_number_prefix.startswith("4"):
        return VisaGateway()
    if card_number_prefix.startswith(("34", "37")):
        return AmexGateway("SUB01")
    return MastercardGateway()
