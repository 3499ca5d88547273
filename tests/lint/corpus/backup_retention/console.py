"""Interactive console of the backup team."""

from __future__ import annotations

import asyncio
import cmd
import datetime
import getpass
import shlex
import socket
import time

import durable_async as da

from backup_flows import backup, retention_sweep
from retention import Hold, expired_holds


class BackupConsole(cmd.Cmd):
    prompt = f"backup@{socket.gethostname()}> "

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url
        self.holds: list[Hold] = []

    def do_backup(self, line: str) -> None:
        """backup DATABASE: starts a backup and waits for it."""
        (database,) = shlex.split(line)
        started = time.time()
        snapshot = asyncio.run(self._backup(database))
        print(f"{snapshot.key}: {snapshot.size} bytes, {time.time() - started:.0f} s")

    async def _backup(self, database: str):
        async with da.Client(self.url) as client:
            handle = await client.start(backup(database, "disk", "/backup", {}), tags={"by": getpass.getuser()})
            return await handle.result(timeout=3600)

    def do_sweep(self, line: str) -> None:
        """sweep DATABASE POLICY"""
        database, policy = shlex.split(line)
        print(da.run(retention_sweep(database, policy), url=self.url), "dropped")

    def do_hold(self, prefix: str) -> None:
        self.holds.append(Hold(prefix))
        print(f"{len(expired_holds(self.holds))} holds are over, {datetime.date.today():%d %B}")

    def do_quit(self, line: str) -> bool:
        return True


if __name__ == "__main__":
    BackupConsole(input("url: ")).cmdloop()
