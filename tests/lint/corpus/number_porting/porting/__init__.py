"""Porting of phone numbers between operators.

The regulator gives one working day; the window of the switch is at night.
"""

from porting.messages import Operator, PortRequest, PortResult

__all__ = ["Operator", "PortRequest", "PortResult"]
