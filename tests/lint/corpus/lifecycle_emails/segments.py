"""Who gets what."""

import os
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Set

import psycopg
import sqlalchemy as sa

import durable_async as da

FIXED_HOLIDAYS = {(1, 1), (12, 25), (12, 26)}
engine = sa.create_engine(os.environ.get("CRM_URL", "sqlite://"))


@dataclass(frozen=True)
class Profile:
    user_id: str
    email: str
    opted_in: bool = True
    joined: date = date(2020, 1, 1)


@da.activity
def load_profile(user_id: str) -> Profile:
    with engine.connect() as connection:
        row = connection.execute(sa.text("select email from users where id = :id"), {"id": user_id}).one()
    return Profile(user_id, row.email, joined=datetime.now().date())


@da.activity
def members(segment: str) -> list[str]:
    with psycopg.connect(os.environ["CRM_URL"]) as connection:
        return [row[0] for row in connection.execute("select id from members where segment = %s", (segment,))]


def wants_mail(profile: Profile) -> bool:
    return profile.opted_in and not profile.email.endswith("@example.com")


@lru_cache  # expect: DUR141
def holiday(day: date) -> bool:
    return (day.month, day.day) in FIXED_HOLIDAYS


def lapsed(user_ids: list[str]) -> list[str]:
    return [user_id for user_id in user_ids if user_id.isalnum()]


def subscribers(list_name: str) -> Set[str]:
    with psycopg.connect("dbname=crm") as connection:  # expect: DUR121
        rows = connection.execute("select email from lists where name = %s", (list_name,))  # expect: DUR121
        return {email for (email,) in rows}
