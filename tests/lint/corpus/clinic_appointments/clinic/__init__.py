from clinic.booking import book_appointment, follow_up

__all__ = ["book_appointment", "follow_up"]
