from .reservations import *
from .support import Clock as Clock, DurableClock as DurableClock
