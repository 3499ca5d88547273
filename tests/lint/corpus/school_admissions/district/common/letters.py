import os
import sys
from pathlib import Path

import click
from durable_async import activity

SPOOL = Path("/var/spool/letters")
SENDER = os.environ.get("DISTRICT_SENDER", "District 12")


@activity
def offer(applicant: str, school: str) -> None:
    (SPOOL / f"{applicant}.txt").write_text(f"{school} offers you a place.\n{SENDER}")


@activity
def withdraw(applicant: str, school: str) -> None:
    (SPOOL / f"{applicant}.txt").unlink(missing_ok=True)


@activity
def remind(who: str, what: str) -> int:
    return (SPOOL / f"{who}-reminder.txt").write_text(what)


def log_line(applicant):
    click.echo(f"placed {applicant}")  # expect: DUR143
    if not sys.argv[1:]:  # expect: DUR125
        click.secho(SENDER, fg="green")  # expect: DUR143
