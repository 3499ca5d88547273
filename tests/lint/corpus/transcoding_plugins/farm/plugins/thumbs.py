"""Preview pictures: one every ten seconds, jittered so that they do not all hit a black frame."""
from __future__ import annotations

import random

from .base import EncoderPlugin, Segment


class ThumbnailPlugin(EncoderPlugin):
    name = "thumbs"
    container = "jpg"
    ladder = (180,)

    def command(self, segment: Segment, height: int) -> list[str]:
        at = segment.start_ms + self._jitter(segment)
        return ["ffmpeg", "-ss", f"{at / 1000:.3f}", "-i", segment.source, "-frames:v", "1", "-vf", f"scale=-2:{height}"]

    def _jitter(self, segment: Segment) -> int:
        span = min(10_000, segment.end_ms - segment.start_ms)
        return random.Random(segment.index).randrange(span) if span > 0 else 0
