from .ids import application_number, correlation_id
from .money import Money, annuity
from .timing import stopwatch

__all__ = ["Money", "annuity", "application_number", "correlation_id", "stopwatch"]
