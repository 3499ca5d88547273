"""Helpers that every locker script imports."""
import datetime
import hashlib
import json
import os
import random
import sqlite3
import string
import subprocess
import sys
import time
import uuid

import settings

ALPHABET = string.ascii_uppercase + string.digits
recent_codes = []


def stamp():
    return datetime.datetime.now().isoformat(timespec="seconds")  # expect: DUR101


def day_of(ts):
    return datetime.datetime.fromtimestamp(ts, datetime.timezone.utc).date().isoformat()


def format_day(ts, time=None):
    time = time or day_of(ts)
    return time.replace("-", "/")


def pickup_code(length=6):
    code = "".join(random.choices(ALPHABET, k=length))  # expect: DUR111
    recent_codes.append(code)  # expect: DUR141
    if len(recent_codes) > 50:  # expect: DUR141
        del recent_codes[0]  # expect: DUR141
    return code


def stable_code(parcel, length=6):
    digest = hashlib.blake2b(parcel.encode(), digest_size=length).digest()
    return "".join(ALPHABET[b % len(ALPHABET)] for b in digest)


def tracking_id():
    return "LK" + uuid.uuid1().hex[:12].upper()  # expect: DUR112


def tracking_from(raw):
    return uuid.UUID(raw).hex[:12].upper()


def find_compartments(size):
    query = "select id from compartment where size = ?"
    rows = sqlite3.connect("/var/lib/lockers/state.db").execute(query, (size,))  # expect: DUR121
    return [row[0] for row in rows]


def firmware_of(bank):
    out = subprocess.check_output(["lockerctl", "version", bank], text=True)  # expect: DUR123
    return out.strip()


def note(message):
    print(f"[{settings.SITE}] {message}", file=sys.stderr)  # expect: DUR143


def save_report(path, rows):
    """Called from report.py, outside any flow."""
    with open(path, "w") as handle:
        json.dump({"at": time.time(), "rows": rows}, handle)
    os.chmod(path, 0o640)


def as_json(rows):
    return json.dumps(rows, sort_keys=True, default=str)
