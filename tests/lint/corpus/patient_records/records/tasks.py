import threading
import time

from .durable import task
from .io.fhir import FhirStore

_lock = threading.Lock()


@task
def fetch_record(hospital: str, key: str) -> dict:
    with _lock:
        return FhirStore(f"https://{hospital}.example.org").read("Patient", key)


@task
def store_record(record: dict) -> str:
    time.sleep(0.2)
    return FhirStore().write("Patient", record)


@task(name="audit-v2")
async def audit(actor: str, what: str) -> None:
    print(f"{time.time():.0f} {actor} {what}")


@task
def consent_of(key: str) -> bool:
    return bool(FhirStore().read("Consent", key))
