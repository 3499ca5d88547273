"""Names that differ between the platforms; imported with a star."""

import time as _time
from datetime import datetime
from time import monotonic_ns, time

EPOCH = datetime(1970, 1, 1)
IMPORTED_AT = time()
wall = _time.time

__all__ = ["EPOCH", "IMPORTED_AT", "monotonic_ns", "time", "wall"]
