import csv
import io
import os
import shelve
from functools import lru_cache

BRACKETS = [(11_000, 0.10), (44_725, 0.12), (95_375, 0.22), (182_100, 0.24), (float("inf"), 0.32)]
_SEEN_CODES = set()


@lru_cache(maxsize=None)  # expect: DUR141
def standard_deduction(year):
    table = os.path.join(os.path.dirname(__file__), "deductions.csv")
    with open(table) as fh:  # expect: DUR122
        rows = list(csv.DictReader(fh))
    return next((int(r["amount"]) for r in rows if r["year"] == str(year)), 13_850)


def worksheet(docs, year):
    income = sum(d["amount"] for d in docs if d["kind"] == "W-2")
    codes = {d["code"] for d in docs}
    _SEEN_CODES.update(codes)  # expect: DUR141
    lines = []
    for code in codes:  # expect: DUR134
        lines.append((code, sum(d["amount"] for d in docs if d["code"] == code)))
    taxable = max(0, income - standard_deduction(year) - carried_forward(year))
    return {"lines": lines, "total": tax(taxable), "known": len(_SEEN_CODES), "text": render(docs)}  # expect: DUR141


def carried_forward(year):
    with shelve.open("carry") as store:  # expect: DUR122
        return store.get(str(year - 1), 0)


def tax(taxable):
    owed, floor = 0.0, 0
    for ceiling, rate in BRACKETS:
        if taxable <= floor:
            break
        owed += (min(taxable, ceiling) - floor) * rate
        floor = ceiling
    return round(owed)


def render(docs):
    out = io.StringIO()
    writer = csv.writer(out)
    for doc in sorted(docs, key=lambda d: d["code"]):
        writer.writerow([doc["code"], doc["amount"]])
    return out.getvalue()


def import_legacy(path):
    """Used by the migration script only."""
    import pickle

    with open(path, "rb") as fh:
        return pickle.load(fh)
