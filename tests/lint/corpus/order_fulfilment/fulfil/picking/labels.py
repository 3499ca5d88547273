"""Carton labels: text is computed, printing goes to the dock printers."""

import os
import socket
import subprocess
import textwrap
from pathlib import Path

TEMPLATES = Path(__file__).parent / "templates"
WIDTH = 38


def label_text(order_id: str, destination: str, carton: int, template: str = "standard") -> str:
    body = load_template(template)
    lines = textwrap.wrap(destination, WIDTH)
    return body.format(order=order_id, address="\n".join(lines), carton=carton)


def load_template(name):
    path = TEMPLATES / f"{name}.txt"
    if not path.exists():  # expect: DUR122
        return "{order}/{carton}\n{address}\n"
    with path.open(encoding="utf-8") as source:  # expect: DUR122
        return source.read()


def print_label(text: str, printer: str) -> None:
    queue = os.path.join("/var/spool/docks", printer)
    subprocess.run(["lp", "-d", printer, "-o", queue], input=text.encode(), check=True)  # expect: DUR123


def printer_for(dock: int) -> str:
    return f"{socket.gethostname()}-dock{dock}"  # expect: DUR125


def install_templates(source: Path) -> list[Path]:
    TEMPLATES.mkdir(exist_ok=True)
    installed = []
    for path in sorted(source.glob("*.txt")):
        target = TEMPLATES / path.name
        target.write_text(path.read_text())
        installed.append(target)
    return installed
