"""Examples are scripts: they are found by their own names, as they find each other."""

import sys
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"

for folder in (EXAMPLES, EXAMPLES / "order_fulfilment"):
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
