"""Activities of the chat gateway."""
import os
import threading

import durable_async as da
import redis
import requests

_local = threading.local()
SLACK = os.environ.get("SLACK_HOOK", "")


def _session() -> requests.Session:
    if not hasattr(_local, "session"):
        _local.session = requests.Session()
    return _local.session


@da.activity
def notify_user(user: str, text: str) -> None:
    _session().post(SLACK, json={"user": user, "text": text}, timeout=5)


@da.activity
def mute(user: str, on: bool) -> None:
    redis.Redis().set(f"mute:{user}", int(on))


@da.activity
def fetch_messages(channel: str, since: str) -> list[str]:
    return _session().get(f"https://chat.example/{channel}", params={"since": since}, timeout=5).json()
