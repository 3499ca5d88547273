from .calendar import *
from .ledger import Entry, Ledger, Position
from .limits import LimitBook

__all__ = ["Entry", "Ledger", "LimitBook", "Position", "is_settlement_day", "next_settlement_day", "value_date"]
