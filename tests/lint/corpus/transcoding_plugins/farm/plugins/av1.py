from __future__ import annotations

from .base import EncoderPlugin, Segment

PRESETS = {1080: 8, 720: 6, 480: 5}


class Av1Plugin(EncoderPlugin):
    name = "av1"
    container = "webm"

    def __init__(self, film_grain: int = 0) -> None:
        self.film_grain = film_grain
        self._planned: dict[int, int] = {}

    def rungs(self, segment: Segment) -> list[int]:
        heights = [h for h in super().rungs(segment) if h in PRESETS]
        for height in heights:
            self._planned[height] = self._planned.get(height, 0) + 1
        return heights

    def command(self, segment: Segment, height: int) -> list[str]:
        return [
            "SvtAv1EncApp", "--preset", str(PRESETS[height]),
            "--film-grain", str(self.film_grain), "-i", segment.source,
        ]
