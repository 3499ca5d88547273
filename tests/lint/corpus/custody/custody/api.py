"""What the worker serves."""
from . import flows

app_flows = [flows.withdraw, flows.rotate_keys, flows.sweep, flows.quorum]
