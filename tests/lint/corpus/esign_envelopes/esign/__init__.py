"""Electronic signatures: envelopes that travel from signer to signer."""

from .durable import activity, workflow
from .envelopes import Envelope, Signer
from .signing import collect_signatures, remind, void_envelope

__all__ = ["Envelope", "Signer", "activity", "collect_signatures", "remind", "void_envelope", "workflow"]
