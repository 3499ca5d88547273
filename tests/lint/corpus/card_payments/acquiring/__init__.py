"""Card acquiring: authorisation, capture and settlement."""

from acquiring.flows import PaymentOutcome, authorise_and_capture, settle_batch
from acquiring.gateways import Gateway, gateway_for

__all__ = [
    "Gateway",
    "PaymentOutcome",
    "authorise_and_capture",
    "gateway_for",
    "settle_batch",
]
