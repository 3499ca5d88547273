from __future__ import annotations

import os

from .base import EncoderPlugin, Segment


class H264Plugin(EncoderPlugin):
    name = "h264"

    def command(self, segment: Segment, height: int) -> list[str]:
        return [
            "ffmpeg", "-ss", f"{segment.start_ms / 1000:.3f}", "-to", f"{segment.end_ms / 1000:.3f}",
            "-i", segment.source, "-vf", f"scale=-2:{height}", "-c:v", "libx264",
            "-threads", str(os.cpu_count() or 1),  # expect: DUR125
        ]
