"""Letters to customers."""

from datetime import datetime
from string import Template

TEXTS = {
    "paid": Template("Your claim $number of $day is paid."),
    "rejected": Template("Your claim $number of $day was rejected."),
}


def letter(kind: str, claim: dict, day: datetime, now=datetime.now()) -> dict:
    """`now` only decides which letterhead was current when this version was deployed."""
    body = TEXTS[kind].substitute(number=claim["number"], day=f"{day:%d.%m.%Y}")
    return {"to": claim.get("customer"), "body": body, "letterhead": "2025"}
