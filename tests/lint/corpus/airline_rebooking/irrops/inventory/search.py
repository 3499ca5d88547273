import dns.resolver
import redis

CABINS = frozenset({"F", "J", "W", "Y"})
_cache = redis.Redis(host="cache")


def cabin_order(hub):
    for cabin in CABINS:  # expect: DUR134
        yield f"{hub}/{cabin}"


class FareSearch:
    def __init__(self, hub, store=None):
        self.hub = hub
        self.store = store if store is not None else _cache

    async def delayed(self):
        return sorted(f for f in await self._flights() if f.endswith("D"))

    async def _flights(self):
        return {f"{self.hub}{n}D" for n in range(3)}

    def alternatives(self, flight, cabin):
        host = dns.resolver.resolve("fares.example", "A")  # expect: DUR121
        raw = _cache.smembers(f"alt:{flight}:{cabin}")  # expect: DUR121
        return sorted(item.decode() for item in raw) + [str(host)]
