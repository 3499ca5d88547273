"""Customs papers and waybills."""

from __future__ import annotations

import io
import os
import uuid
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

import durable_async as da
import jinja2
import shortuuid

TEMPLATE = jinja2.Template("{{ number }}\n{% for line in lines %}{{ line }}\n{% endfor %}")
TARIFFS = {"books": "4901", "toys": "9503", "tools": "8205"}


def waybill_number(carrier: str) -> str:
    return f"{carrier[:2].upper()}{shortuuid.uuid()[:9]}"  # expect: DUR112


def waybill(carrier: str, lines: list[str]) -> str:
    return TEMPLATE.render(number=waybill_number(carrier), lines=lines)


def tariff_for(category: str) -> str:
    try:
        return TARIFFS[category]
    except KeyError:
        raise LookupError(f"no tariff for {category}") from None


def bundle(papers: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in papers.items():
            archive.writestr(zipfile.ZipInfo(name), text)
    return buffer.getvalue()


def signature(papers: dict[str, str]) -> str:
    with TemporaryDirectory() as folder:  # expect: DUR122
        target = os.path.join(folder, "papers.txt")
        Path(target).write_text("\n".join(papers.values()))  # expect: DUR122
        listing = os.listdir(folder)  # expect: DUR122
    return f"{len(listing)}:{uuid.uuid5(uuid.NAMESPACE_OID, ''.join(papers))}"


@da.activity
def archive_papers(shipment_id: str, body: bytes) -> str:
    target = Path("/srv/papers") / shipment_id / f"{uuid.uuid4()}.zip"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(body)
    return str(target)


def reprint(shipment_id: str) -> None:
    for path in (Path("/srv/papers") / shipment_id).glob("*.zip"):
        os.startfile(path) if os.name == "nt" else os.system(f"lp {path}")
