"""A small curses-free desk: lists titles, asks, starts flows."""

import asyncio
import cmd
import datetime
import getpass
import os
import readline  # noqa: F401
import time

import durable_async as da

from . import licensing
from .delivery import pause_until_signal
from .windows import Schedule, Window


class Desk(cmd.Cmd):
    prompt = f"{getpass.getuser()}> "

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url
        self.opened = time.time()

    def do_license(self, title: str) -> None:
        month = datetime.date.today()
        window = Window.month(month.year, month.month, input("holder? "))
        print(asyncio.run(self._start(title, window)))

    async def _start(self, title: str, window: Window) -> str:
        async with da.Client(self.url) as client:
            handle = await client.start(licensing.license_title(title, [window]), id=f"{title}-{time.time_ns()}")
            return handle.id

    def do_free(self, _: str) -> None:
        print(Schedule().free(datetime.datetime.now(datetime.timezone.utc)))

    def do_daemon(self, _: str) -> None:
        pause_until_signal()


if __name__ == "__main__":
    Desk(os.environ.get("RIGHTS_DB", "sqlite:///rights.db")).cmdloop()
