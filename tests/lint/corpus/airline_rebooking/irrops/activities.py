import os
import random
import time

import durable_async
import requests

from .exceptions import NoSeat

GDS = os.environ.get("GDS_URL", "https://gds.example")


@durable_async.activity(retry=durable_async.RetryPolicy(max_attempts=3, non_retryable=(NoSeat,)))
def hold_seat(pnr: str, flight: str) -> str:
    time.sleep(random.random())
    answer = requests.put(f"{GDS}/seats/{flight}", json={"pnr": pnr}, timeout=20)
    if answer.status_code == 409:
        raise NoSeat(flight, "any")
    return answer.text


@durable_async.activity
def issue_voucher(pnr: str, cents: int) -> str:
    return requests.post(f"{GDS}/vouchers", json={"pnr": pnr, "amount": cents}, timeout=20).json()["code"]


@durable_async.activity
def cancel_hotel(pnr: str) -> None:
    requests.delete(f"{GDS}/hotels/{pnr}", timeout=20)


@durable_async.activity
def reprotect(flight: str) -> int:
    return int(requests.post(f"{GDS}/reprotect/{flight}", timeout=60).text)
