"""Who is on duty, who is called, and in which order."""

import datetime as dt
import random
import typing as t
import zoneinfo

Escalation = t.Literal["sms", "call", "visit"]


class Person(t.TypedDict):
    name: str
    phone: str
    zone: str
    skills: list[str]


class Roster:
    def __init__(self, people: list[Person], rng: random.Random | None = None) -> None:
        self._people = {person["name"]: person for person in people}
        self._rng = rng or random.Random()  # expect: DUR111
        self._asked: set[str] = set()

    def on_duty(self, moment: dt.datetime) -> list[Person]:
        return [p for p in self._people.values() if 8 <= self._hour(p, moment) < 20]

    @staticmethod
    def _hour(person: Person, moment: dt.datetime) -> int:
        return moment.astimezone(zoneinfo.ZoneInfo(person["zone"])).hour

    def pick(self, moment: dt.datetime) -> Person | None:
        free = [p for p in self.on_duty(moment) if p["name"] not in self._asked]
        if not free:
            return None
        chosen = self._rng.choice(free)
        self._asked.add(chosen["name"])
        return chosen

    def skills(self) -> t.FrozenSet[str]:
        return frozenset(skill for p in self._people.values() for skill in p["skills"])

    def asked(self) -> list[str]:
        return sorted(self._asked)

    def reminder(self) -> str:
        names = " and ".join(self._asked)  # expect: DUR134
        return f"{names} did not answer"

    def local_stamp(self, person: Person) -> str:
        stamp = dt.datetime.now(tz=zoneinfo.ZoneInfo(person["zone"]))  # expect: DUR101
        return f"{stamp:%H:%M}"


def first_contact(roster: Roster, moment: dt.datetime) -> t.Iterator[tuple[Escalation, Person]]:
    kinds: tuple[Escalation, ...] = t.get_args(Escalation)
    for kind in kinds:
        person = roster.pick(moment)
        if person is not None:
            yield kind, person
