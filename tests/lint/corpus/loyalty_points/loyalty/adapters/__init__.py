from .clocks import DurableClock, OffsetClock, SystemClock
from .ledgers import FileLedger, MemoryLedger

__all__ = ["DurableClock", "FileLedger", "MemoryLedger", "OffsetClock", "SystemClock"]
