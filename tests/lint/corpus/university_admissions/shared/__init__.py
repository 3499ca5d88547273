from .deadlines import Term, days_left, reminder_times
from .grades import Transcript, normalise

__all__ = ["Term", "Transcript", "days_left", "normalise", "reminder_times"]
