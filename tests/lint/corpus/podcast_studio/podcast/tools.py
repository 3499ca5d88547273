from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass


@dataclass
class Toolbox:
    ffmpeg: str | None
    version: str
    system: str = sys.platform

    @classmethod
    def detect(cls) -> Toolbox:
        found = shutil.which("ffmpeg")  # expect: DUR124
        version = cls._version() if found else "none"
        if platform.machine() == "arm64":  # expect: DUR125
            version += "-neon"
        return cls(found, version)

    @staticmethod
    def _version() -> str:
        try:
            return subprocess.check_output(["ffmpeg", "-version"], text=True)  # expect: DUR123
        except (subprocess.CalledProcessError, FileNotFoundError):
            return os.popen("ffmpeg -version").read()  # expect: DUR123

    @property
    def ready(self) -> bool:
        orphaned = os.getppid() == 1  # expect: DUR125
        return self.ffmpeg is not None and not orphaned and not self._restarting()

    def _restarting(self) -> bool:
        if self.version == "none":
            os.execvp(sys.executable, ["python", "-m", "podcast"])  # expect: DUR123, DUR125
        return False

    def kill(self, pid: int) -> None:
        os.kill(pid, 9)
