import socket
import subprocess
import sys
import threading

import requests
from azure.identity import DefaultAzureCredential
from azure.storage.blob import BlobServiceClient

LIMIT_MB = 20_000
_suspended: list[str] = []


class Hlr:
    PORT = 3868

    def __init__(self, name: str) -> None:
        self.name = name

    @property
    def host(self) -> str:
        return f"{self.name}.hlr.example.org"

    def alive(self) -> bool:
        try:
            return bool(socket.gethostbyname(self.host))  # expect: DUR121
        except socket.gaierror:
            return False

    def reset(self) -> None:
        subprocess.check_call(["hlrctl", "reset", self.name])


def _blob(name: str):
    service = BlobServiceClient("https://esim.blob.example.org", DefaultAzureCredential())
    return service.get_blob_client("suspended", name)


def suspend(eid: str, region: str) -> str:
    _suspended.append(eid)  # expect: DUR141
    answer = requests.post(f"https://{region}.example.org/suspend", json=eid)  # expect: DUR121
    if answer.status_code >= 500:
        threading.Thread(target=_later, args=(eid,)).start()  # expect: DUR131
        return "later"
    _blob(eid).upload_blob(b"")  # expect: DUR121
    return "ok" if answer.status_code < sys.maxsize else "failed"


def _later(eid: str) -> None:
    subprocess.run(["suspendctl", eid], check=False)  # expect: DUR123
