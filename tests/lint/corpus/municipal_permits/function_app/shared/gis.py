import math
from pathlib import Path

import pandas as pd
import sqlite3

PARCELS = Path(__file__).with_name("parcels.csv")


def area(application):
    points = application["outline"]
    total = 0.0
    for (x1, y1), (x2, y2) in zip(points, points[1:] + points[:1]):
        total += x1 * y2 - x2 * y1
    return math.fabs(total) / 2


def neighbours(application_id):
    frame = pd.read_csv(PARCELS)  # expect: DUR122
    touching = frame[frame.application == application_id]
    owners = set(touching.owner)
    owners.discard("")
    return list(owners)  # expect: DUR134


def backlog(district):
    with sqlite3.connect("permits.db") as db:  # expect: DUR121
        rows = db.execute("select id from permit where district = ?", (district,))  # expect: DUR121
        return sum(1 for _ in rows)


def districts():
    return PARCELS.read_text().splitlines()
