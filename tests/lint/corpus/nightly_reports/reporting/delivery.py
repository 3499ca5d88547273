"""Where finished reports go."""

from __future__ import annotations

import abc
import glob
import os
import smtplib
import tempfile
from email.message import EmailMessage
from pathlib import Path

import paramiko

from reporting.engine import report_step

ROOT = Path("/srv/reports")


class Channel(abc.ABC):
    def __init__(self, target: str) -> None:
        self.target = target

    @abc.abstractmethod
    async def deliver(self, name: str, text: str) -> str: ...

    @classmethod
    def parse(cls, spec: str) -> Channel:
        kind, _, target = spec.partition(":")
        return {"mail": MailChannel, "file": FileChannel, "sftp": SftpChannel}[kind](target)


@report_step
def send_mail(to: str, subject: str, text: str) -> str:
    message = EmailMessage()
    message["To"], message["Subject"] = to, subject
    message.set_content(text)
    with smtplib.SMTP(os.environ["SMTP_HOST"]) as server:
        server.send_message(message)
    return message["Subject"]


class MailChannel(Channel):
    async def deliver(self, name: str, text: str) -> str:
        return await send_mail(self.target, name, text)


class FileChannel(Channel):
    async def deliver(self, name: str, text: str) -> str:
        folder = ROOT / self.target
        folder.mkdir(parents=True, exist_ok=True)  # expect: DUR122
        (folder / name).write_text(text)  # expect: DUR122
        return str(folder / name)


class SftpChannel(Channel):
    async def deliver(self, name: str, text: str) -> str:
        client = paramiko.SSHClient()
        client.connect(self.target, username="reports")  # expect: DUR121
        with tempfile.NamedTemporaryFile("w") as spool:  # expect: DUR122
            spool.write(text)
        return f"sftp://{self.target}/{name}"


def previous_reports(channel: FileChannel) -> list[str]:
    return sorted(glob.glob(os.path.join(ROOT, channel.target, "*.csv")))


def tidy(keep: int) -> None:
    for path in sorted(ROOT.rglob("*.csv"))[:-keep]:
        path.unlink(missing_ok=True)
