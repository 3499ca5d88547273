"""Pure Python stand-ins for the compiled helpers."""

import sys
import uuid
from array import array

TABLE = array("H", range(256))
BYTEORDER = sys.byteorder


def crc(data: bytes) -> int:
    value = 0xFFFF
    for byte in data:
        value = (value >> 8) ^ TABLE[(value ^ byte) & 0xFF]
    return value ^ uuid.getnode() & 0xFF  # expect: DUR112


def crc_many(chunks: set[bytes]) -> list[int]:
    return [crc(chunk) for chunk in chunks]
