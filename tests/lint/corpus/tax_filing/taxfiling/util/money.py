from decimal import ROUND_HALF_UP, Decimal


def cents(lines):
    return sum(int(line["amount"]) for line in lines)


def penalty(total, rate=Decimal("0.005")):
    return int((Decimal(total) * rate).quantize(Decimal(1), rounding=ROUND_HALF_UP))
