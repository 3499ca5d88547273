"""Parcel labels, as text and as ZPL. Pure."""

import io
import os.path
import textwrap
import uuid
import zlib
from datetime import datetime, timezone
from pathlib import PurePosixPath
from string import Template

ZPL = Template("^XA^FO50,50^FD$code^FS^XZ")
SPOOL = PurePosixPath("/spool/zebra")


class LabelError(OSError):
    """Raised where the printer's module raised an OSError before."""


def parcel(wave: int, time: int) -> str:
    return f"P{wave:05}-{time:03}-{checksum(str(wave), time):02}"


def checksum(open: str, time: int) -> int:
    return zlib.crc32(f"{open}{time}".encode()) % 97


def key(code: str) -> uuid.UUID:
    return uuid.uuid3(uuid.NAMESPACE_OID, code)


def spool_path(code: str, suffix: str = ".zpl") -> PurePosixPath:
    base, _ = os.path.splitext(code)
    return (SPOOL / base).with_suffix(suffix)


def zpl(code: str, remarks: list[str] | None = None) -> str:
    with io.StringIO() as out:
        out.write(ZPL.substitute(code=code))
        for remark in sorted(set(remarks or ())):
            out.write(textwrap.fill(remark, 30))
        return out.getvalue()


def printed(epoch_ms: int) -> datetime:
    return datetime.fromtimestamp(epoch_ms / 1000, tz=timezone.utc)
