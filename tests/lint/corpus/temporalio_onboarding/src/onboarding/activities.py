"""Everything that changes another system."""

import asyncio
import os
import smtplib
import subprocess
import uuid

from temporalio import activity

from onboarding.accounts import initial_password


@activity.defn(name="create_account")
async def create_account(login: str) -> str:
    process = await asyncio.create_subprocess_exec("samba-tool", "user", "create", login, initial_password())
    await process.wait()
    return str(uuid.uuid4())


@activity.defn(name="send_welcome")
def send_welcome(login: str, text: str) -> None:
    with smtplib.SMTP(os.environ.get("SMTP", "localhost")) as server:
        server.sendmail("it@example.com", [login], text)


@activity.defn(name="order_laptop")
async def order_laptop(team: str) -> str:
    await asyncio.sleep(1)
    return f"laptop-{team}-{os.getpid()}"


@activity.defn(name="disable_account")
def disable_account(login: str) -> None:
    subprocess.run(["samba-tool", "user", "disable", login], check=True)
