"""Models of pydantic cross in the form that they choose, if pydantic is there."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import attrs
import pytest

from durable_async.convert.values import Converter
from durable_async.errors import SerializationError
from durable_async.model.payload import Payload

pydantic = pytest.importorskip("pydantic")

CONVERTER = Converter()
AT = datetime(2026, 1, 31, tzinfo=UTC)


class Item(pydantic.BaseModel):  # type: ignore[misc, name-defined]
    sku: str
    price: Decimal = Decimal("1.50")
    at: datetime | None = None


class Renamed(pydantic.BaseModel):  # type: ignore[misc, name-defined]
    model_config = pydantic.ConfigDict(frozen=True)
    count: int = pydantic.Field(alias="n", ge=0)
    items: list[Item] = pydantic.Field(default_factory=list)


class Special(Item):
    discount: int = 0


@attrs.define
class Holder:
    item: Item


def crossed(value: Any, hint: Any) -> Any:
    return CONVERTER.decode(CONVERTER.encode(value, hint, what="x"), hint, what="x")


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        (Item(sku="a", at=AT), Item),
        (Renamed(n=3, items=[Item(sku="b")]), Renamed),
        ([Item(sku="a")], list[Item]),
        (Item(sku="a"), Item | None),
        (Special(sku="s", discount=5), Item | Special),
        (Item(sku="s"), Item | Special),
        (Item(sku="s"), Item | dict[str, int]),
        (Holder(Item(sku="h")), Holder),
    ],
    ids=range(8),
)
def test_a_model_comes_back_equal(value: Any, hint: Any) -> None:
    arrived = crossed(value, hint)
    assert arrived == value
    assert type(arrived) is type(value)


def test_a_model_without_a_hint_is_plain_json() -> None:
    assert crossed(Item(sku="a", at=AT), Any) == {
        "sku": "a",
        "price": "1.50",
        "at": "2026-01-31T00:00:00Z",
    }


def test_a_submodel_is_refused_rather_than_cut() -> None:
    with pytest.raises(SerializationError, match=r"name both in the hint, e.g. Item \| Special"):
        CONVERTER.encode(Special(sku="s"), Item, what="x")


def test_a_model_says_what_does_not_fit() -> None:
    with pytest.raises(SerializationError, match="greater than or equal to 0"):
        CONVERTER.decode(Payload(b'{"n": -1}'), Renamed, what="x")
    with pytest.raises(SerializationError, match="Field required"):
        CONVERTER.decode(Payload(b'[{"price": "1"}]'), list[Item], what="x")
    broken = Item.model_construct(sku=5)
    with pytest.raises(SerializationError, match="Expected `str`"):
        CONVERTER.encode(broken, Item, what="x")
