import os
import uuid
from datetime import datetime

import azure.durable_functions as df
from azure.identity import DefaultAzureCredential
from azure.storage.blob import BlobServiceClient

bp = df.Blueprint()


def _container():
    service = BlobServiceClient(os.environ["BLOB_URL"], credential=DefaultAzureCredential())
    return service.get_container_client("payslips")


@bp.activity_trigger(input_name="month")
def load_employees(month: str) -> list:
    return [blob.name for blob in _container().list_blobs(name_starts_with=month)]


@bp.activity_trigger(input_name="payload")
def store_slip(payload: dict) -> str:
    name = f"{payload['employee']}-{uuid.uuid4()}-{datetime.now():%s}"
    _container().upload_blob(name, payload["line"])
    return name


@bp.activity_trigger(input_name="payload")
def transfer(payload: dict) -> dict:
    print("transferring", payload)
    return {"ok": True, **payload}
