import json
import logging
import os
import time
import uuid
from datetime import datetime

import durable_async as da
import requests
from azure.identity import DefaultAzureCredential
from azure.storage.blob import BlobServiceClient


def _blobs() -> BlobServiceClient:
    return BlobServiceClient(os.environ["BLOB_URL"], credential=DefaultAzureCredential())


@da.activity(name="LoadApplication")
def load_application(application_id: str) -> dict:
    blob = _blobs().get_blob_client("applications", f"{application_id}.json")
    return json.loads(blob.download_blob().readall())


@da.activity(name="CheckZoning")
def check_zoning(application: dict, zone: str) -> dict:
    time.sleep(0.2)
    return {"ok": zone in application["allowed"], "at": datetime.utcnow().isoformat()}


@da.activity(name="InspectSite")
def inspect_site(application: dict) -> dict:
    return requests.post(os.environ["INSPECTION_URL"], json=application, timeout=30).json()


@da.activity(name="ChargeFee")
def charge_fee(application_id: str, area: float) -> str:
    logging.info("charging %s", application_id)
    return f"{application_id}-{uuid.uuid4()}"


@da.activity(name="NotifyApplicant")
def notify_applicant(to: str, text: str) -> None:
    requests.post(os.environ["MAIL_URL"], json={"to": to, "text": text}, timeout=30)


@da.activity(name="PublishNotice")
def publish_notice(application_id: str) -> None:
    with open(f"/var/notices/{application_id}.txt", "w") as handle:
        handle.write(datetime.now().isoformat())
