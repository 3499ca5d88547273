from .slots import Slot, free_slots, next_working_day
from .timeutil import as_local, greeting, now_local, quiet_hours, stamp

__all__ = ["Slot", "as_local", "free_slots", "greeting", "next_working_day", "now_local", "quiet_hours", "stamp"]
