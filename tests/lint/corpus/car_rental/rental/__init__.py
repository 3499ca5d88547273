from rental.booking.saga import book_car, return_car
from rental.fleet.upkeep import keep_fleet, service_car

__all__ = ["book_car", "keep_fleet", "return_car", "service_car"]
