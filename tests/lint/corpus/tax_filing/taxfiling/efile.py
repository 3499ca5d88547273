import asyncio
import ftplib
import socket
import ssl
import urllib.request
import xmlrpc.client

from taxfiling import tasks

GATEWAY = "https://gateway.revenue.example/api"


async def submit(ref, sheet, signature):
    try:
        gateway_ready()
    except (socket.timeout, ssl.SSLError, ConnectionError):
        await asyncio.sleep(60)
    try:
        return await tasks.transmit(ref, sheet["total"], signature)
    except tasks.GatewayDown:
        return _by_mailbox(ref)


def gateway_ready():
    host = socket.getaddrinfo("gateway.revenue.example", 443)  # expect: DUR121
    with urllib.request.urlopen(GATEWAY + "/ping", timeout=3) as answer:  # expect: DUR121
        return bool(host) and answer.status == 200


def _by_mailbox(ref):
    box = ftplib.FTP("mailbox.revenue.example")  # expect: DUR121
    return box.sendcmd(f"STAT {ref}")  # expect: DUR121


async def poll_forever(ref):
    while True:  # expect: DUR151
        await asyncio.sleep(3600)
        await tasks.status(ref)


async def poll_until(ref, tries):
    while True:
        if await tasks.status(ref) == "accepted" or tries == 0:
            return tries
        tries -= 1
        await asyncio.sleep(600)


def old_gateway():
    return xmlrpc.client.ServerProxy(GATEWAY).system.listMethods()
