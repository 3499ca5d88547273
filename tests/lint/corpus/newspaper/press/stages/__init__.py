"""Tables of stages for each edition."""

from functools import partial

from press.pipeline import Stage

from .enrich import add_related, add_weather, geocode, stamp_id, translate
from .layout import choose_slot, fit_headline, measure, place_advert
from .text import count_readability, fix_quotes, legal_check, spell, strip_markup

MORNING = (
    Stage("markup", strip_markup),
    Stage("quotes", fix_quotes),
    Stage("spelling", spell, optional=True),
    Stage("legal", legal_check),
    Stage("identity", stamp_id),
    Stage("related", partial(add_related, limit=3), optional=True),
    Stage("slot", choose_slot),
    Stage("headline", fit_headline),
)

ONLINE = MORNING[:4] + (
    Stage("weather", add_weather, optional=True),
    Stage("readability", count_readability),
    Stage("advert", lambda article: place_advert(article, "banner")),
    Stage("measure", measure),
)

#: tried in 2023, kept for the archive
RETIRED = {"translate": translate, "geocode": geocode}
