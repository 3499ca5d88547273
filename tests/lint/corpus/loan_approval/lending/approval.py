"""The approval of a loan, from application to payout."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
from collections.abc import Callable
from decimal import Decimal

import durable_async as da
import motor.motor_asyncio
from durable_async import activity as external
from durable_async import orchestrator
from redis.asyncio import Redis
from rich import print as show

from lending.models import Application, Decision, Offer, Tally
from lending.scoring import Scorecard, default_scorer
from lending.scoring.statistical import portfolio_mean

BASE_RATE = Decimal("0.0390")
bureaus = ("north", "south", "equal")
bus = Redis(host="bus", decode_responses=True)
mongo = motor.motor_asyncio.AsyncIOMotorClient("mongodb://loans")


@external(retry=da.RetryPolicy(max_attempts=4))
async def ask_bureau(bureau: str, applicant: str) -> int:
    document = await mongo.loans.bureau_cache.find_one({"_id": f"{bureau}/{applicant}"})
    print("bureau", bureau, document)
    return document["score"] if document else 500


@external
def sign_contract(number: str, text: str) -> bytes:
    return subprocess.run(["sign", number], input=text.encode(), capture_output=True, check=True).stdout


@external
async def pay_out(number: str, cents: int) -> None:
    await mongo.loans.payouts.insert_one({"_id": number, "cents": cents})


@external
def audit_with(number: str, rule: Callable[[str], bool]) -> bool:  # expect: DUR152
    return rule(number)


async def bureau_scores(applicant: str) -> dict[str, int]:
    scores = await asyncio.gather(*(ask_bureau(bureau, applicant) for bureau in bureaus))
    return dict(zip(bureaus, scores))


async def publish(subject: str, text: str) -> None:
    await bus.publish(subject, text)  # expect: DUR121
    show(f"{subject}: {text}")  # expect: DUR143


def git_revision() -> str:
    with contextlib.suppress(OSError):
        return subprocess.getoutput("git rev-parse HEAD")  # expect: DUR123
    return "unknown"


def decide(score: int, bureau: dict[str, int]) -> Decision:
    if score < 400 or min(bureau.values()) < 300:
        return Decision.DECLINED
    return Decision.APPROVED if score >= 600 else Decision.REFERRED


async def refer(application: Application, hours: float) -> Decision:
    da.set_custom_status(application.describe())
    try:
        async with asyncio.timeout(hours * 3600):
            return Decision(await da.wait_for_event("underwriter", str))
    except TimeoutError:
        return Decision.DECLINED
    finally:
        da.get_logger("loans").info("referral of %s is over", application.number)


@orchestrator
async def approve_loan(application: Application, strict: bool = True) -> str:
    if Scorecard(minimum=300).score(application) < 300:
        return "screened out"
    bureau = await bureau_scores(application.applicant)
    decision = decide(default_scorer(strict).score(application), bureau)
    if decision is Decision.REFERRED:
        decision = await refer(application, 48)
    if decision is Decision.DECLINED:
        await publish("declined", application.number)
        return "declined"
    # Small loans subsidise nobody.
    rate = BASE_RATE if application.cents < portfolio_mean() else BASE_RATE + Decimal("0.01")
    offer = Offer(application, rate).require(f"scored by {git_revision()}")
    contract = sign_contract(application.number, str(offer.total()))
    if not await da.wait_for_event("accepted", bool):
        return "withdrawn"
    digest = (await contract).hex()[:16]
    pay_out(application.number, application.cents)  # expect: DUR133
    return f"{application.canonical()[:10]}-{digest}"


@orchestrator(name="loan-portfolio")
async def approve_portfolio(applications: list[Application]) -> str:
    tally = Tally()
    for application in applications:
        outcome = await approve_loan(application)
        tally += Decision.DECLINED if outcome == "declined" else Decision.APPROVED
    purposes: set[str] = set().union(*(a.purposes for a in applications))
    head, *_ = [*purposes]  # expect: DUR134
    da.set_custom_status(head)
    await publish("portfolio", str(tally))
    return str(tally)


@orchestrator
async def watch_arrears(number: str, day: int) -> None:
    while True:
        paid = await da.wait_for_event("instalment", bool)
        if paid:
            continue
        try:
            await refer(Application(number, "", 0, 1), 1)
        except (ValueError, asyncio.CancelledError):  # expect: DUR135
            if day < 90:
                da.continue_as_new(watch_arrears(number, day + 1))


@orchestrator
async def answer_questions(number: str) -> None:
    async for request in da.requests("question", str):
        if request.data == "close":
            request.reply("closed")
            break
        request.reply(f"{number}: {len(request.data)}")
