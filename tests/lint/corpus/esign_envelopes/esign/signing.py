import asyncio
import contextlib
from datetime import timedelta

from durable_async import continue_as_new, sleep, wait_for_event

from .durable import measured, quietly, timed, workflow
from .envelopes import AuditEntry, Envelope, Signer, etag, split_by_domain
from .mail import Mailer, render


@quietly
async def courtesy_copy(envelope: Envelope) -> None:
    for part in split_by_domain(envelope):
        await Mailer.archive(str(part.reference), [part.title])


@timed
async def one_signature(envelope: Envelope, signer: Signer) -> AuditEntry:
    await Mailer.invite(signer.email, envelope.title)
    async with asyncio.timeout(timedelta(days=7).total_seconds()):
        await wait_for_event(f"signed:{signer.email}", bool)
    return AuditEntry(text=f"{signer.email}  signed")


@workflow
@measured
async def collect_signatures(envelope: Envelope) -> str:
    audit: list[AuditEntry] = []
    while signer := envelope.next_signer():
        audit.append(await one_signature(envelope, signer))
        envelope.signers = [one.signed() if one == signer else one for one in envelope.signers]
    total = len(envelope.signers)
    cover = render(envelope.title, [entry.text for entry in audit], 0, total)
    await courtesy_copy(envelope)
    return await Mailer.archive(f"{envelope.reference}-{etag(envelope)}", [cover])


@workflow(name="remind-signers")
async def remind(envelope: Envelope, sent: int = 0) -> int:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(86_400):
            await wait_for_event("closed", bool)
            return sent
    if sent >= 5:
        return sent
    signer = envelope.next_signer()
    if signer is not None:
        await Mailer.invite(signer.email, f"Reminder: {envelope.title}")
    continue_as_new(remind(envelope, sent + 1))


@workflow
async def void_envelope(envelope: Envelope, grace: float) -> None:
    reminder = asyncio.create_task(remind(envelope))
    await sleep(grace)
    reminder.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await reminder
    with contextlib.suppress(asyncio.CancelledError, TimeoutError):  # expect: DUR135
        await asyncio.gather(*(Mailer.invite(signer.email, "void") for signer in envelope.signers))
