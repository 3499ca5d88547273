"""Write orders.jsonl and catalogue.json anew.

Invariant: the same seed writes the same bytes; the files in the repository are those of SEED.

Customers are invented, cards are test tokens, addresses are real cities with invented postcodes.
What makes the orders worth fulfilling is put in on purpose: some are dear, some cards are
declined, some articles are sold out or nearly so, some addresses are mistyped.
"""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import attrs
import msgspec

from orders import ORDERS, Address, Customer, Line, Order
from warehouse import CATALOGUE, CatalogueEntry

SEED = 20_251
COUNT = 240
FIRST_ORDER_AT = datetime(2025, 11, 24, 6, 0, tzinfo=UTC)

# Article, cents, pieces in stock. "Sold out" and "nearly sold out" are made by hand.
ARTICLES = (
    ("BRW-0107", "Pour-over coffee dripper, ceramic", 24_90, 160),
    ("BRW-0112", "Paper filters, 100 pieces", 5_49, 400),
    ("BRW-0131", "Burr grinder, hand-cranked", 89_00, 90),
    ("BRW-0204", "Gooseneck kettle, 1 l", 64_50, 90),
    ("BRW-0310", "Espresso machine, dual boiler", 689_00, 40),
    ("BRW-0311", "Espresso machine, lever", 949_00, 5),
    ("BRW-0402", "Milk pitcher, 350 ml", 19_90, 140),
    ("BRW-0455", "Coffee scale with timer", 49_00, 110),
    ("CKW-1003", "Cast-iron skillet, 26 cm", 44_95, 120),
    ("CKW-1008", "Saucepan, copper core, 2 l", 179_00, 60),
    ("CKW-1015", "Stock pot, 8 l", 119_00, 60),
    ("CKW-1101", "Dutch oven, enamelled, 5 l", 259_00, 40),
    ("CKW-1140", "Carbon steel wok, 32 cm", 54_00, 100),
    ("CKW-1177", "Roasting pan with rack", 84_90, 70),
    ("KNF-2001", "Chef's knife, 20 cm", 129_00, 90),
    ("KNF-2002", "Paring knife, 9 cm", 39_00, 130),
    ("KNF-2007", "Bread knife, 25 cm", 69_00, 90),
    ("KNF-2013", "Santoku, damascus, 17 cm", 219_00, 0),
    ("KNF-2090", "Whetstone, grit 1000/6000", 42_00, 100),
    ("KNF-2101", "Knife block, magnetic, oak", 99_00, 70),
    ("TBL-3010", "Dinner plate, stoneware", 16_50, 600),
    ("TBL-3011", "Pasta bowl, stoneware", 14_50, 600),
    ("TBL-3044", "Wine glasses, set of 6", 59_00, 120),
    ("TBL-3050", "Cutlery, 24 pieces", 149_00, 60),
    ("TBL-3071", "Linen tablecloth, 140 x 250", 79_00, 70),
    ("TBL-3102", "Carafe, 1 l", 22_00, 150),
    ("BAK-4001", "Banneton, oval", 18_90, 140),
    ("BAK-4004", "Baking stone, 38 cm", 36_00, 100),
    ("BAK-4018", "Stand mixer, 6.7 l", 549_00, 45),
    ("BAK-4019", "Stand mixer, limited edition", 599_00, 4),
    ("BAK-4033", "Rolling pin, beech", 15_90, 140),
    ("BAK-4050", "Springform tin, 26 cm", 21_50, 130),
    ("APP-5002", "Immersion blender", 79_90, 90),
    ("APP-5010", "Food processor, 3 l", 299_00, 50),
    ("APP-5021", "Sous-vide circulator", 189_00, 0),
    ("APP-5033", "Toaster, long slot", 64_90, 90),
    ("TXT-6001", "Apron, waxed cotton", 45_00, 110),
    ("TXT-6004", "Tea towels, set of 4", 24_00, 200),
    ("BKS-7001", "The bread book", 34_00, 120),
    ("BKS-7009", "Salt, time and smoke", 29_50, 120),
)

# What people buy most stands first in a basket; what is dear stands alone.
DEAR = ("BRW-0310", "BRW-0311", "BAK-4018", "BAK-4019", "APP-5010", "CKW-1101")
SOLD_OUT = ("KNF-2013", "APP-5021")
EVERYDAY = tuple(sku for sku, *_ in ARTICLES if sku not in DEAR + SOLD_OUT)

CITIES = {
    "AT": ("Wien", "Graz", "Linz", "Innsbruck"),
    "BE": ("Gent", "Leuven", "Liège", "Brugge"),
    "CH": ("Zürich", "Bern", "Basel", "Lausanne"),
    "DE": ("Berlin", "Hamburg", "Köln", "Leipzig", "München", "Freiburg", "Bremen"),
    "DK": ("København", "Aarhus", "Odense"),
    "ES": ("Madrid", "València", "Bilbao", "Sevilla"),
    "FR": ("Paris", "Lyon", "Nantes", "Toulouse", "Strasbourg"),
    "IE": ("Dublin", "Cork", "Galway"),
    "IT": ("Milano", "Torino", "Bologna", "Palermo"),
    "NL": ("Utrecht", "Rotterdam", "Groningen", "Eindhoven"),
    "PL": ("Kraków", "Gdańsk", "Wrocław"),
    "PT": ("Porto", "Lisboa", "Coimbra"),
    "SE": ("Göteborg", "Malmö", "Uppsala"),
}

GIVEN_NAMES = (
    "Anneke", "Antoni", "Beatriz", "Bram", "Carmen", "Chiara", "Ciarán", "Clara", "Dário",
    "Elin", "Émile", "Femke", "Giulia", "Hannes", "Inês", "Jakob", "Jürgen", "Katarzyna",
    "Lena", "Lorenzo", "Maëlle", "Magnus", "Marta", "Mikkel", "Niamh", "Noor", "Oskar", "Paula",
    "Rasmus", "Saoirse", "Sébastien", "Tomás", "Ulrike", "Wiktoria", "Xavier", "Zoë",
)  # fmt: skip
FAMILY_NAMES = (
    "Almeida", "Andersson", "Bakker", "Bianchi", "Brandt", "Byrne", "Castillo", "De Smet",
    "Dubois", "Eriksson", "Ferreira", "Fischer", "Fontaine", "García", "Gruber", "Hansen",
    "Hofer", "Iglesias", "Janssens", "Kowalczyk", "Lefèvre", "Lindqvist", "Marchetti", "Meier",
    "Moreau", "Murphy", "Nowak", "O'Sullivan", "Pereira", "Ricci", "Schneider", "Sørensen",
    "Van Dijk", "Visser", "Wagner", "Zieliński",
)  # fmt: skip

GOOD_CARDS = ("tok_visa_4242", "tok_mastercard_5454", "tok_amex_0005", "tok_maestro_0604")
BAD_CARDS = (
    "tok_declined_insufficient_funds",
    "tok_declined_expired_card",
    "tok_declined_stolen_card",
)

# One in so many orders is ...
DEAR_ORDER = 8
BAD_CARD = 11
SOLD_OUT_LINE = 19
MISTYPED_POSTCODE = 34


def catalogue() -> list[CatalogueEntry]:
    return [
        CatalogueEntry(sku=sku, name=name, cents=cents, received=received)
        for sku, name, cents, received in ARTICLES
    ]


def make_orders(seed: int = SEED, count: int = COUNT) -> list[Order]:
    """Orders in the order in which they were placed, some seconds apart."""
    chance = random.Random(seed)
    placed_at = FIRST_ORDER_AT
    orders = []
    for number in range(1, count + 1):
        placed_at += timedelta(seconds=chance.randint(2, 90))
        orders.append(_order(chance, number, placed_at))
    return orders


def _order(chance: random.Random, number: int, placed_at: datetime) -> Order:
    return Order(
        id=f"o-{number:04d}",
        placed_at=placed_at,
        customer=_customer(chance),
        address=_address(chance, mistyped=_one_in(chance, MISTYPED_POSTCODE)),
        card=chance.choice(BAD_CARDS if _one_in(chance, BAD_CARD) else GOOD_CARDS),
        lines=_lines(chance),
    )


def _customer(chance: random.Random) -> Customer:
    given, family = chance.choice(GIVEN_NAMES), chance.choice(FAMILY_NAMES)
    return Customer(name=f"{given} {family}", email=f"{_plain(given)}.{_plain(family)}@example.com")


def _plain(name: str) -> str:
    """The name in letters that every mailbox takes."""
    spelled = unicodedata.normalize("NFKD", name.lower().replace("ø", "o").replace("ł", "l"))
    return "".join(letter for letter in spelled if letter.isascii() and letter.isalpha())


def _address(chance: random.Random, *, mistyped: bool) -> Address:
    country = chance.choice(sorted(CITIES))
    postcode = _postcode(chance, country)
    return Address(
        postcode=postcode[:-1] if mistyped else postcode,
        city=chance.choice(CITIES[country]),
        country=country,
    )


def _postcode(chance: random.Random, country: str) -> str:
    number = str(chance.randint(10_000, 99_999))
    match country:
        case "DE" | "ES" | "FR" | "IT":
            return number
        case "IE":
            return f"D{number[:2]} {chance.choice('ACEFHKNPRTVWXY')}{number[2:]}"
        case "NL":
            return f"{number[:4]} {chance.choice('ABCDEGHJ')}{chance.choice('KLMNPRTVXZ')}"
        case "PL":
            return f"{number[:2]}-{number[2:]}"
        case "PT":
            return f"{number[:4]}-{chance.randint(100, 999)}"
        case "SE":
            return f"{number[:3]} {number[3:]}"
        case _:
            return number[:4]


def _lines(chance: random.Random) -> tuple[Line, ...]:
    if _one_in(chance, DEAR_ORDER):
        skus = [chance.choice(DEAR), *chance.sample(EVERYDAY, chance.randint(0, 2))]
    else:
        skus = chance.sample(EVERYDAY, chance.randint(1, 4))
    if _one_in(chance, SOLD_OUT_LINE):
        skus.append(chance.choice(SOLD_OUT))
    prices = {sku: cents for sku, _, cents, _ in ARTICLES}
    return tuple(Line(sku=sku, quantity=_quantity(chance, sku), cents=prices[sku]) for sku in skus)


def _quantity(chance: random.Random, sku: str) -> int:
    if sku.startswith("TBL-301"):
        return chance.choice((2, 4, 4, 6))  # plates and bowls come by the set
    return 1 if sku in DEAR else chance.choice((1, 1, 1, 1, 2))


def _one_in(chance: random.Random, several: int) -> bool:
    return chance.randrange(several) == 0


def write(orders: Sequence[Order], orders_path: Path, catalogue_path: Path) -> None:
    lines = (_json(order) + b"\n" for order in orders)
    orders_path.write_bytes(b"".join(lines))
    # One article a line, so that a change reads well.
    entries = b",\n".join(b"  " + _json(entry) for entry in catalogue())
    catalogue_path.write_bytes(b"[\n" + entries + b"\n]\n")


def _json(value: Order | CatalogueEntry) -> bytes:
    """The fields in the order in which the class declares them."""
    return msgspec.json.encode(attrs.asdict(value))


if __name__ == "__main__":
    write(make_orders(), ORDERS, CATALOGUE)
