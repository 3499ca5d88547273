"""DUR134: the order of something that has none reaches a command or the result."""

from typing import ClassVar, Final

from durable_lint.reach.observations import Iterated, Observation
from durable_lint.rule import Example, Rule, Verdict
from durable_lint.rules.dialects import is_ours

__all__ = ["UnorderedIteration"]

_KINDS: Final[dict[str, str]] = {
    "set": "a set",
    "frozenset": "a frozenset",
    "AbstractSet": "a set",
    "MutableSet": "a set",
    "WeakSet": "a set",
    "keys view": "a set of keys",
    "all_tasks": "the set of all tasks",
    "tasks of futures": "a set of futures that the loop did not number",
}
_WAYS: Final[dict[str, str]] = {
    "for": "is iterated",
    "comprehension": "is iterated by a comprehension",
    "gather": "is started by `gather`",
    "as_completed": "is started by `as_completed`",
    "join": "is joined",
    "text": "is written out",
    "unpacking": "is unpacked",
    "next": "gives its first element",
    "itertools": "is handed to a function of `itertools`",
}


class UnorderedIteration(Rule):
    code = "DUR134"
    category = "unordered_iteration"
    summary = "the order of a set reaches a command or the result"
    observes: ClassVar[tuple[type[Observation], ...]] = (Iterated,)
    mends = "puts `sorted(...)` round a set whose elements can be compared"
    explanation = """\
The order of a set of texts, bytes or objects is that of their hashes, which are salted anew in
each process. An orchestrator that iterates such a set and awaits an activity for each element
asks for them in another order at replay than history holds, and is blocked.

To write a set into a text, `f"{names}"`, iterates it as well.

Sort it: `for name in sorted(names)`. Or keep the order in which things came:
`dict.fromkeys(names)` is a set with an order, and so is a list. For coroutines write a list:
`gather(*[load(x) for x in names])`.

Where the order goes nowhere, there is no finding: `sorted`, `len`, `in`, `any`, `all`, `min`,
`max`, `sum`, another set, a loop that only counts. Nor are sets of numbers, whose hashes are
not salted, sets of tasks and of calls, which the runtime iterates in a fixed order. So what
`asyncio.wait` returns is fine.
"""
    before = """\
import durable_async


@durable_async.orchestrator
async def invite(teams: list[list[str]]) -> None:
    people = {person for team in teams for person in team}
    for person in people:
        await send_invitation(person)
"""
    after = """\
import durable_async


@durable_async.orchestrator
async def invite(teams: list[list[str]]) -> None:
    people = {person for team in teams for person in team}
    for person in sorted(people):
        await send_invitation(person)
"""
    valid: ClassVar[tuple[Example, ...]] = (
        Example(
            "A set that is sorted has an order.",
            """
            import durable_async as da


            @da.activity
            async def notify(email: str) -> None: ...


            @da.orchestrator
            async def announce(emails: list[str], muted: list[str]) -> list[str]:
                readers = set(emails) - set(muted)
                for email in sorted(readers):
                    await notify(email)
                return sorted(readers)
            """,
        ),
        Example(
            "Names without doubles, in the order in which they came.",
            """
            import durable_async as da


            @da.activity
            async def crawl(url: str) -> list[str]: ...


            @da.orchestrator
            async def site(start: str) -> list[str]:
                todo, seen = [start], {start}
                while todo and len(seen) < 100:
                    for url in dict.fromkeys(await crawl(todo.pop(0))):
                        if url not in seen:
                            seen.add(url)
                            todo.append(url)
                return todo
            """,
        ),
        Example(
            "What does not care for order may take a set.",
            """
            import durable_async as da


            @da.activity
            async def price(item: str) -> int: ...


            @da.orchestrator
            async def basket(items: list[str], vouchers: list[str]) -> int:
                kinds = {item.split("-")[0] for item in items}
                if "gift" in kinds or any(voucher.startswith("V") for voucher in set(vouchers)):
                    return 0
                longest = max(len(kind) for kind in kinds)
                letters = sum(len(kind) for kind in kinds)
                return len(kinds) + longest + letters + await price(min(kinds))
            """,
        ),
        Example(
            "Sets of tasks and of calls are iterated in a fixed order.",
            """
            import asyncio

            import durable_async as da


            @da.activity
            async def query(mirror: str) -> str: ...


            @da.orchestrator
            async def fastest(mirrors: list[str]) -> str:
                tasks = {asyncio.create_task(query(mirror)) for mirror in mirrors}
                done, pending = await asyncio.wait(
                    tasks, return_when=asyncio.FIRST_COMPLETED
                )
                for task in pending:
                    task.cancel()
                await asyncio.gather(*{query("a"), query("b")})
                return [task.result() for task in done][0]
            """,
        ),
        Example(
            "Hashes of numbers are not salted.",
            """
            import durable_async as da


            @da.activity
            async def archive(year: int) -> None: ...


            @da.orchestrator
            async def cleanup(years: set[int]) -> list[int]:
                for year in years:
                    await archive(year)
                for month in {1, 4, 7, 10}:
                    await archive(month)
                return list(years)
            """,
        ),
        Example(
            "A loop that only fills a set or counts gives its order to nobody.",
            """
            import durable_async as da


            @da.activity
            async def tag(words: list[str]) -> None: ...


            @da.orchestrator
            async def stem(words: set[str]) -> int:
                stems: set[str] = set()
                long = 0
                for word in words:
                    stems.add(word.rstrip("s"))
                    if len(word) > 10:
                        long += 1
                await tag(sorted(stems))
                return long
            """,
        ),
        Example(
            "A list that is sorted before it is used.",
            """
            import durable_async as da


            @da.activity
            async def apply(rule: str) -> None: ...


            @da.orchestrator
            async def policies(rules: list[str]) -> None:
                names = set(rules)
                names = sorted(names)
                for name in names:
                    await apply(name)
                unique = list({rule.lower() for rule in rules})
                unique.sort()
                for name in unique:
                    await apply(name)
            """,
        ),
    )
    invalid: ClassVar[tuple[Example, ...]] = (
        Example(
            "Activities in the order of a set.",
            """
            import durable_async as da


            @da.activity
            async def suspend(user: str) -> None: ...


            @da.orchestrator
            async def offboard(groups: dict[str, list[str]], leavers: list[str]) -> None:
                users = set(leavers)
                for user in users:  # DUR134
                    await suspend(user)
            """,
            mended="""
            import durable_async as da


            @da.activity
            async def suspend(user: str) -> None: ...


            @da.orchestrator
            async def offboard(groups: dict[str, list[str]], leavers: list[str]) -> None:
                users = set(leavers)
                for user in sorted(users):
                    await suspend(user)
            """,
        ),
        Example(
            "A list of a set has the set's order.",
            """
            import asyncio

            import durable_async as da


            @da.activity
            async def embed(word: str) -> list[float]: ...


            @da.orchestrator
            async def index(text: str) -> int:
                words = list(set(text.split()))  # DUR134
                vectors = await asyncio.gather(*[embed(word) for word in words])
                return len(vectors)
            """,
            mended="""
            import asyncio

            import durable_async as da


            @da.activity
            async def embed(word: str) -> list[float]: ...


            @da.orchestrator
            async def index(text: str) -> int:
                words = list(sorted(set(text.split())))
                vectors = await asyncio.gather(*[embed(word) for word in words])
                return len(vectors)
            """,
        ),
        Example(
            "The difference of two sets, in a helper.",
            """
            # file: plans.py
            def missing(wanted: set[str], there: set[str]) -> set[str]:
                return wanted - there


            def described(names: set[str]) -> str:
                return ", ".join(names)  # DUR134

            # file: flows.py
            import durable_async as da

            from plans import described, missing


            @da.activity
            async def create(host: str) -> None: ...


            @da.orchestrator
            async def converge(wanted: list[str], there: list[str]) -> str:
                hosts = missing(set(wanted), set(there))
                for host in hosts:  # DUR134
                    await create(host)
                return described(hosts)
            """,
            mended="""
            # file: plans.py
            def missing(wanted: set[str], there: set[str]) -> set[str]:
                return wanted - there


            def described(names: set[str]) -> str:
                return ", ".join(sorted(names))

            # file: flows.py
            import durable_async as da

            from plans import described, missing


            @da.activity
            async def create(host: str) -> None: ...


            @da.orchestrator
            async def converge(wanted: list[str], there: list[str]) -> str:
                hosts = missing(set(wanted), set(there))
                for host in sorted(hosts):
                    await create(host)
                return described(hosts)
            """,
        ),
        Example(
            "One element, whichever the process likes.",
            """
            import durable_async as da


            @da.activity
            async def assign(ticket: str, agent: str) -> None: ...


            @da.orchestrator
            async def dispatch(tickets: list[str], agents: list[str]) -> None:
                free = set(agents)
                first = next(iter(free))  # DUR134
                await assign("greeting", first)
                for ticket in tickets:
                    await assign(ticket, free.pop())  # DUR134
            """,
            mended="""
            import durable_async as da


            @da.activity
            async def assign(ticket: str, agent: str) -> None: ...


            @da.orchestrator
            async def dispatch(tickets: list[str], agents: list[str]) -> None:
                free = set(agents)
                first = next(iter(sorted(free)))
                await assign("greeting", first)
                for ticket in tickets:
                    await assign(ticket, free.pop())
            """,
        ),
        Example(
            "Bare coroutines in a set are started in the order of their addresses.",
            """
            import asyncio

            import durable_async as da


            @da.activity
            async def fetch(url: str) -> str: ...


            async def title(url: str) -> str:
                return (await fetch(url)).splitlines()[0]


            @da.orchestrator
            async def titles(a: str, b: str) -> list[str]:
                both = await asyncio.gather(*{title(a), title(b)})  # DUR134
                for done in asyncio.as_completed({title(a), title(b)}):  # DUR134
                    both.append(await done)
                return both
            """,
        ),
        Example(
            "All the tasks there are, in no order that is promised.",
            """
            import asyncio

            import durable_async as da


            @da.activity
            async def poll(sensor: str) -> float: ...


            @da.activity
            async def report(name: str) -> None: ...


            @da.orchestrator
            async def monitor(sensors: list[str]) -> None:
                for sensor in sensors:
                    asyncio.create_task(poll(sensor))
                for task in asyncio.all_tasks():  # DUR134
                    await report(task.get_name())
            """,
        ),
        Example(
            "A comprehension, an unpacking and a mapping made of a set.",
            """
            import durable_async as da


            @da.activity
            async def publish(tags: list[str]) -> None: ...


            def tags_of(text: str) -> set[str]:
                return {word for word in text.split() if word.startswith("#")}


            @da.orchestrator
            async def post(text: str) -> dict[str, None]:
                await publish([tag.lower() for tag in tags_of(text)])  # DUR134
                await publish([*tags_of(text), "#all"])  # DUR134
                return dict.fromkeys(tags_of(text))  # DUR134
            """,
            mended="""
            import durable_async as da


            @da.activity
            async def publish(tags: list[str]) -> None: ...


            def tags_of(text: str) -> set[str]:
                return {word for word in text.split() if word.startswith("#")}


            @da.orchestrator
            async def post(text: str) -> dict[str, None]:
                await publish([tag.lower() for tag in sorted(tags_of(text))])
                await publish([*sorted(tags_of(text)), "#all"])
                return dict.fromkeys(sorted(tags_of(text)))
            """,
        ),
    )

    def judge(self, seen: Observation) -> Verdict | None:
        if not isinstance(seen, Iterated):
            return None
        return Verdict(
            message=f"{_harm(seen)}; {_advice(seen)}",
            subject=seen.what,
            fixable=seen.sortable and is_ours(seen),
        )


def _harm(seen: Iterated) -> str:
    """What is done with it, and what that breaks."""
    kind = _KINDS.get(seen.kind, f"a `{seen.kind}`")
    if seen.way == "pop":
        return (
            f"`{seen.what}` takes whichever element of {kind} comes first, and that differs from"
            " process to process, so a replay goes on with another one"
        )
    way = _WAYS.get(seen.way, f"goes into `{seen.way}`")
    return (
        f"`{seen.what}`, {kind}, {way} in an order that differs from process to process, and so"
        " would what a replay asks for"
    )


def _advice(seen: Iterated) -> str:
    """How it gets an order."""
    if seen.kind == "all_tasks":
        return "keep your own list of the tasks"
    if seen.kind == "tasks of futures":
        return "make futures by `loop.create_future()`, and tasks of the rest"
    if seen.way in {"gather", "as_completed"}:
        return "write a list of them instead of a set"
    if seen.way == "pop":
        return f"take one by `min({seen.what.removesuffix('.pop()')})`, or keep a list"
    if seen.way == "next":
        return f"take `min({seen.what})`, or keep a list"
    if seen.sortable:
        return f"write `sorted({seen.what})`"
    return "sort it by a key, or keep a list or a dict instead"
