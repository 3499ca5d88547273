import pickle
import subprocess
from datetime import datetime

import durable_async as da
import requests


@da.activity
def fetch_position(container: str, mode: str) -> dict:
    blob = pickle.dumps({"mode": mode, "at": datetime.now()})
    return {"km": 120.0, "state": blob.decode("latin-1")}


@da.activity
def alert(container: str, text: str) -> int:
    return requests.post("https://alerts.example", json={"c": container, "t": text}, timeout=9).status_code == 200


@da.activity
def file_entry(container: str, entry: str) -> str:
    return subprocess.check_output(["edi", container, entry], text=True)
