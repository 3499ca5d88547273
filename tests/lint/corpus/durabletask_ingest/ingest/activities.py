"""Reading, checking and writing of rows."""

import logging
import random
import sqlite3
import subprocess
import time
from datetime import datetime

import pandas as pd
import requests
from durabletask import task

from ingest.model import Batch, Feed, Heartbeat
from ingest.partners import Globex

log = logging.getLogger(__name__)


def count_rows(ctx: task.ActivityContext, feed: dict) -> int:
    time.sleep(random.random())
    return int(requests.head(feed["url"], timeout=10).headers["x-rows"])


def import_batch(ctx: task.ActivityContext, batch: dict) -> dict:
    began = time.time()
    frame = pd.read_csv(f"/data/{batch['feed']}.csv", skiprows=batch["first"], nrows=batch["size"])
    bad = frame.isna().any(axis=1)
    with sqlite3.connect("/data/ingest.db") as database:
        frame[~bad].to_sql("rows", database, if_exists="append")
    log.info("%s took %.1fs %s", Batch(**batch), time.time() - began, Heartbeat())
    return {"rows": int((~bad).sum()), "rejected": int(bad.sum())}


def newest(ctx: task.ActivityContext, partner: str) -> list:
    Globex().cool_down()
    listing = subprocess.run(["ls", f"/data/{partner}"], capture_output=True, text=True, check=True).stdout
    return [line for line in set(listing.split()) if line]


def publish(ctx: task.ActivityContext, report: dict) -> None:
    print(datetime.now(), Feed(report["feed"], ""), report)
