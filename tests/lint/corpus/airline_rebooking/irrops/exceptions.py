class IrropsError(Exception):
    """Root of ours."""


class NoSeat(IrropsError):
    def __init__(self, flight: str, cabin: str) -> None:
        super().__init__(flight, cabin)
        self.flight = flight
        self.cabin = cabin

    def __str__(self) -> str:
        return f"{self.flight} has no seat in {self.cabin}"
