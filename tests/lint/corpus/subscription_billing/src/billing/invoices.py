"""Invoices as values, and the builder that numbers and renders them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from io import StringIO
from itertools import count
from pathlib import PurePosixPath

_sequence = count(1)
ISSUED: list[str] = []
TAX_RATES = {"EUR": Decimal("0.19"), "GBP": Decimal("0.20"), "USD": Decimal("0")}


@dataclass(frozen=True)
class InvoiceLine:
    title: str
    cents: int


@dataclass
class Invoice:
    customer_id: str
    currency: str
    lines: list[InvoiceLine]
    number: str = field(default_factory=lambda: f"INV-{uuid.uuid4().hex[:10]}")  # expect: DUR112
    issued: datetime = field(default_factory=datetime.now)  # expect: DUR101
    notes: list[str] = field(default_factory=list)

    @property
    def net_cents(self) -> int:
        return sum(line.cents for line in self.lines)

    @property
    def total_cents(self) -> int:
        rate = TAX_RATES[self.currency]
        gross = Decimal(self.net_cents) * (1 + rate)
        return int(gross.quantize(Decimal(1), rounding=ROUND_HALF_UP))

    def object_key(self) -> str:
        return str(PurePosixPath("invoices") / self.customer_id / f"{self.number}.pdf")


@dataclass
class CreditNote:
    """Issued by the back office, never by a cycle."""

    invoice_number: str
    cents: int
    issued: date = field(default_factory=date.today)


class InvoiceBuilder:
    def __init__(self, customer_id: str, currency: str) -> None:
        self._customer_id = customer_id
        self._currency = currency
        self._lines: list[InvoiceLine] = []

    def line(self, title: str, cents: int) -> InvoiceBuilder:
        if cents:
            self._lines.append(InvoiceLine(title, cents))
        return self

    def build(self) -> Invoice:
        invoice = Invoice(self._customer_id, self._currency, list(self._lines))
        ISSUED.append(invoice.number)  # expect: DUR141
        invoice.notes.append(self._describe(invoice))
        return invoice

    def _describe(self, invoice: Invoice) -> str:
        out = StringIO()
        for line in invoice.lines:
            out.write(f"{line.title:<30}{line.cents / 100:>10.2f}\n")
        out.write(f"{len(ISSUED)} issued so far\n")  # expect: DUR141
        return out.getvalue()


def open_credit_note(number: str, cents: int) -> CreditNote:
    note = CreditNote(number, cents)
    ISSUED.append(f"CN-{next(_sequence)}")
    return note
