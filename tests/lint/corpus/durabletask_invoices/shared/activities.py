"""The activities, as a blueprint."""

import datetime
import os
import pathlib
import subprocess
import tempfile
import uuid

import azure.durable_functions as df
import requests
from azure.storage.blob import BlobServiceClient

bp = df.Blueprint()
_sessions: dict[str, requests.Session] = {}


def session(name: str) -> requests.Session:
    if name not in _sessions:
        _sessions[name] = requests.Session()
    return _sessions[name]


@bp.activity_trigger(input_name="number")
def check_invoice(number: str) -> bool:
    reply = session("erp").get(f"{os.environ['ERP']}/invoices/{number}")
    return reply.ok


@bp.activity_trigger(input_name="payment")
def pay(payment: dict) -> str:
    payment["key"] = str(uuid.uuid4())
    payment["date"] = datetime.date.today().isoformat()
    return session("bank").post(os.environ["BANK"], json=payment).json()["receipt"]


@bp.activity_trigger(input_name="text")
def notify(text: str) -> None:
    print(text)


@bp.activity_trigger(input_name="vendor")
def render_statement(vendor: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        target = pathlib.Path(folder, "statement.pdf")
        subprocess.run(["wkhtmltopdf", f"http://erp/{vendor}", str(target)], check=True)
        return target.read_bytes().hex()


@bp.activity_trigger(input_name="day")
def list_vendors(day: str) -> list:
    return session("erp").get(f"{os.environ['ERP']}/vendors", params={"day": day}).json()


@bp.activity_trigger(input_name="nothing")
def list_inbox(nothing: None) -> list:
    container = BlobServiceClient.from_connection_string(os.environ["BLOBS"]).get_container_client("inbox")
    return [blob.name for blob in container.list_blobs()]
