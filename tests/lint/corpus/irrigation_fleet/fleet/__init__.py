from .states import Phase, Valve
from .controller import season, water_field

__all__ = ["Phase", "Valve", "season", "water_field"]
