from datetime import date

from ._base import check


@check("crew.size")
def enough_hands(manifest):
    return len(manifest.crew) >= 6 or f"only {len(manifest.crew)}"


@check("crew.certificates", severity=3)
def certificates_valid(manifest):
    today = date.today()  # expect: DUR101
    expired = [name for name, until in manifest.crew.items() if until < today]
    return not expired or ", ".join(expired)


@check("crew.nationalities")
def nationalities(manifest):
    seen = {name.rsplit("-", 1)[-1] for name in manifest.crew}
    return len(seen) < 12 or "many: " + ", ".join(seen)  # expect: DUR134
