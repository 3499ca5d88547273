"""Wave planning and pick lists."""

from .labels import label_text, print_label
from .waves import *

__all__ = ["assign_pickers", "label_text", "plan_waves", "print_label", "walk_order"]
