from jinja2 import Template
from rich import print as rprint

from app.schemas import Viewing

BODY = Template("Dear {{ visitor }}, see you on {{ day }}.")


class Notifier:
    channel = "mail"
    sent = 0

    def __init__(self, channel: str | None = None) -> None:
        if channel:
            self.channel = channel

    def render(self, viewing: Viewing) -> str:
        Notifier.sent += 1  # expect: DUR141
        text = BODY.render(visitor=viewing.visitor, day=viewing.booked_at.date())
        rprint(text)  # expect: DUR143
        return text
