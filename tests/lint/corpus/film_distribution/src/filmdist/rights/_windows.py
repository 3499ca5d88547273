import enum
from datetime import date, timedelta

import attrs


class Medium(enum.Enum):
    CINEMA = ("cinema", 120)
    RENTAL = ("rental", 60)
    STREAM = ("stream", 720)

    def __init__(self, label: str, days: int) -> None:
        self.label = label
        self.days = days

    @classmethod
    def after(cls, medium: "Medium") -> "Medium | None":
        members = list(cls)
        place = members.index(medium) + 1
        return members[place] if place < len(members) else None


@attrs.frozen(order=True)
class Window:
    territory: str
    opens: date = attrs.field(factory=date.today)  # expect: DUR101
    medium: Medium = attrs.field(default=Medium.CINEMA, order=False)

    @property
    def closes(self) -> date:
        return self.opens + timedelta(days=self.medium.days)

    def next(self) -> "Window | None":
        medium = Medium.after(self.medium)
        return None if medium is None else attrs.evolve(self, opens=self.closes, medium=medium)

    def is_open(self, day: date | None = None) -> bool:
        return self.opens <= (day or date.today()) < self.closes  # expect: DUR101


def overlapping(windows: list[Window]) -> set[str]:
    seen: dict[str, Window] = {}
    clashes: set[str] = set()
    for window in sorted(windows):
        before = seen.setdefault(window.territory, window)
        if before is not window and before.closes > window.opens:
            clashes.add(window.territory)
    return clashes
