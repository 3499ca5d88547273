"""Pure arithmetic, or nearly."""

from __future__ import annotations

import calendar
import locale
import time
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

BRACKETS = ((Decimal(1_000), Decimal("0.00")), (Decimal(3_000), Decimal("0.20")))


@dataclass(frozen=True)
class Payslip:
    employee: str
    gross: Decimal
    tax: Decimal

    @property
    def net(self) -> Decimal:
        return self.gross - self.tax

    def line(self) -> str:
        return f"{self.employee};{self.net};{format_money(self.net)}"


def format_money(amount: Decimal) -> str:
    return locale.currency(float(amount), grouping=True)  # expect: DUR125


def tax_for(gross: Decimal) -> Decimal:
    tax, lower = Decimal(0), Decimal(0)
    for upper, rate in BRACKETS:
        tax += max(min(gross, upper) - lower, Decimal(0)) * rate
        lower = upper
    return tax.quantize(Decimal("0.01"))


def working_days(month: str) -> int:
    year, number = map(int, month.split("-"))
    _, days = calendar.monthrange(year, number)
    return sum(1 for day in range(1, days + 1) if date(year, number, day).weekday() < 5)


def month_of(moment: datetime | None = None) -> str:
    moment = moment or datetime.utcnow()  # expect: DUR101
    return moment.strftime("%Y-%m")


def batch_id(month: str) -> str:
    return f"{month}-{time.time_ns()}"  # expect: DUR101


def parse_stamp(text: str) -> time.struct_time:
    return time.strptime(text, "%Y-%m-%d")
