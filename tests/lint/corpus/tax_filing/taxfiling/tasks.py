import json
import smtplib
import subprocess
from datetime import datetime
from pathlib import Path

import durable_async as da


class GatewayDown(Exception):
    pass


@da.activity(retry=da.RetryPolicy(max_attempts=4, non_retryable=(ValueError,)))
def collect_documents(tin: str, year: int) -> list[dict]:
    folder = Path("/srv/returns") / tin / str(year)
    return [json.loads(p.read_text()) for p in folder.glob("*.json")]


@da.activity
def transmit(ref: str, total: int, signature: str) -> str:
    done = subprocess.run(["efile-cli", ref, str(total), signature], capture_output=True, text=True)
    if done.returncode:
        raise GatewayDown(done.stderr)
    return done.stdout.strip() + datetime.now().isoformat()


@da.activity
def status(ref: str) -> str:
    return subprocess.check_output(["efile-cli", "status", ref], text=True).strip()


@da.activity
async def compare(docs: list[dict], lines: list[dict]) -> dict:
    return {"changed": docs != lines}


@da.activity
def notify(email: str, what: str) -> None:
    with smtplib.SMTP("localhost") as mail:
        mail.sendmail("noreply@taxes.example", [email], what)
