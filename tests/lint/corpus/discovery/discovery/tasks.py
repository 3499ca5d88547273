import os
import pickle
import tempfile
from pathlib import Path

import durable_async as da
import requests


class Collector:
    """Given to the worker as an instance; carries its session."""

    def __init__(self, session: requests.Session) -> None:
        self.session = session

    @da.activity
    def pull_mailbox(self, custodian: str) -> list[str]:
        reply = self.session.get(f"{os.environ['MAIL_API']}/{custodian}", timeout=60)
        with tempfile.NamedTemporaryFile(delete=False) as spool:
            spool.write(pickle.dumps(reply.json()))
        return [item["id"] for item in reply.json()]

    @da.activity
    def pull_document(self, document: str) -> str:
        return self.session.get(f"{os.environ['MAIL_API']}/doc/{document}", timeout=60).text


@da.activity
def produce(matter: str, pages: list[str]) -> str:
    out = Path("/srv/productions") / matter
    out.mkdir(parents=True, exist_ok=True)
    for number, page in enumerate(pages):
        (out / f"{number:08d}.txt").write_text(page)
    return str(out)


@da.activity
async def ask_reviewer(reviewer: str, document: str) -> bool:
    return requests.post("https://review.example.com", json=[reviewer, document], timeout=5).ok


@da.activity
def stamp(document: str, text: str) -> None:
    Path("/srv/stamps", document).write_text(text)
