"""The auction house's own systems."""

import asyncio
import smtplib
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from email.message import EmailMessage

import durable_async as da


def _appraise(name):
    time.sleep(0.5)  # expect: DUR102
    return len(name) * 1_000


def mail(to, text):
    message = EmailMessage()
    message["To"] = to
    message.set_content(text)
    with smtplib.SMTP("localhost") as server:  # expect: DUR121
        server.send_message(message)  # expect: DUR121


@da.activity
async def appraise(name: str) -> int:
    loop = asyncio.get_running_loop()
    with ProcessPoolExecutor() as pool:
        return await loop.run_in_executor(pool, _appraise, name)


@da.activity
def invoice(bidder: str, cents: int) -> str:
    mail(bidder, f"please pay {cents}")
    return f"inv-{bidder}"


@da.activity
async def publish(lot: str, text: str) -> None:
    with ThreadPoolExecutor(1) as pool:
        pool.submit(mail, "press@house", f"{lot}: {text}").result()


async def appraise_here(name):
    """From before there were activities."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(None, _appraise, name)  # expect: DUR131


async def render_catalogue(names):
    pages = await asyncio.to_thread("\n".join, names)  # expect: DUR131
    return pages.upper()
