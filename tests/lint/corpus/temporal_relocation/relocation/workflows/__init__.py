from .move import MoveWorkflow
from .watch import PolicyWatch

__all__ = ["MoveWorkflow", "PolicyWatch"]
