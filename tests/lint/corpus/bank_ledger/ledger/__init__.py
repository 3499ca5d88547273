"""Double-entry bookkeeping for the retail bank."""

import sys
import uuid

INSTANCE = uuid.uuid4().hex if "--unique" in sys.argv else "ledger"
