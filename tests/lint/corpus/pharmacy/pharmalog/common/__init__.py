from . import clock, codes
from .codes import batch_code, gs1_check_digit, serial

__all__ = ["batch_code", "clock", "codes", "gs1_check_digit", "serial"]
