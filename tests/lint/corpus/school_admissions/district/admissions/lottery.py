"""School choice lottery. District code lives in the namespace package `district`."""
import asyncio
import functools
import itertools
import operator

from durable_async import continue_as_new, events, info, now, orchestrator, random, sleep, wait_for_event

from district.admissions.rank import by_distance, preference_table, shuffle_ties
from district.common import fn, letters
from district.common.letters import offer as offer_place


@orchestrator
async def run_lottery(school: str, applicants: list[str], places: int) -> list[str]:
    rng = random("lottery")
    order = rng.sample(applicants, k=len(applicants))
    order = fn.pipe(order, by_distance(school), shuffle_ties)
    winners = order[:places]
    replies = await asyncio.gather(*map(functools.partial(offer_and_wait, school), winners))
    accepted = list(itertools.compress(winners, replies))
    waiting = [a for a in order if a not in set(accepted)]
    while waiting and len(accepted) < places:
        candidate, *waiting = waiting
        if await offer_and_wait(school, candidate):
            accepted.append(candidate)
    fn.each(letters.log_line, accepted)
    return accepted


async def offer_and_wait(school: str, applicant: str) -> bool:
    await offer_place(applicant, school)
    try:
        return await asyncio.wait_for(wait_for_event(f"accept-{applicant}", bool), 10 * 86_400)
    except TimeoutError:
        return False
    except (asyncio.CancelledError, KeyError):  # expect: DUR135
        letters.withdraw(applicant, school)  # expect: DUR133
        return False


@orchestrator
async def waiting_list(school: str, names: list[str], handled: int) -> None:
    async for name in events("freed", str):
        table = preference_table(names)
        await offer_place(table.get(name, names[0]), school)
        handled += 1
        if info().history_length > 5_000:
            continue_as_new(waiting_list(school, names, handled))


@orchestrator
async def open_day(school: str, hosts: frozenset[str], tours) -> int:  # expect: DUR152
    begun = now()
    total = functools.reduce(operator.add, sorted(map(len, hosts)), 0)
    badges = "".join(map(str.upper, hosts))  # expect: DUR134
    host = next(iter(hosts))  # expect: DUR134
    await letters.remind(host, badges)
    guests = letters.remind(school, host)  # expect: DUR133
    await sleep(3600)
    return total + (now() - begun).seconds
