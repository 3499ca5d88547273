"""What is inside a mezzanine file."""

import json
import os.path
import shlex
import shutil
from fractions import Fraction
from subprocess import PIPE, CalledProcessError, check_output
from typing import Any

FFPROBE = shutil.which("ffprobe") or "ffprobe"


class ProbeFailed(CalledProcessError):
    pass


def command(path: str) -> list[str]:
    return shlex.split(f"{FFPROBE} -v error -print_format json -show_streams {shlex.quote(path)}")


def probe_locally(path: str) -> dict[str, Any]:
    try:
        return json.loads(check_output(command(path), stderr=PIPE))  # expect: DUR123
    except CalledProcessError as error:
        raise ProbeFailed(error.returncode, error.cmd) from error


def read_sidecar(path: str) -> dict[str, Any]:
    sidecar = os.path.splitext(path)[0] + ".json"
    if not os.path.exists(sidecar):  # expect: DUR122
        return {}
    with open(sidecar, encoding="utf-8") as handle:  # expect: DUR122
        return json.load(handle)


def frame_rate(stream: dict[str, str]) -> float:
    return float(Fraction(stream.get("avg_frame_rate", "25/1")))


def disk_left(path: str) -> int:
    return shutil.disk_usage(path).free
