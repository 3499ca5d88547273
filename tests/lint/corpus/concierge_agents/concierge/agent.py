"""The agent's loop."""

import asyncio
import logging
from abc import ABC, abstractmethod

from . import durable
from .model_client import complete, embed, rank
from .schema import Reservation, ToolCall, Transcript
from .tools import registry

logger = logging.getLogger("concierge")


class Skill(ABC):
    """What an agent can do beyond calling tools. Subclasses are found by name."""

    skills: dict[str, type["Skill"]] = {}

    def __init_subclass__(cls, *, name: str = "", **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        Skill.skills[name or cls.__name__.lower()] = cls

    @abstractmethod
    async def perform(self, transcript: Transcript) -> str: ...

    @classmethod
    def named(cls, name: str) -> "Skill":
        return cls.skills[name]()


class Summarise(Skill, name="summarise"):
    async def perform(self, transcript: Transcript) -> str:
        reply = await complete("claude", transcript.last().content, [])
        return str(reply["text"])


class Recall(Skill, name="recall"):
    def __init__(self) -> None:
        self._memory = [[0.1, 0.2], [0.3, 0.1]]

    async def perform(self, transcript: Transcript) -> str:
        vector = await embed(transcript.last().content)
        return str(rank(vector, self._memory)[0])


@durable.agent_run
async def converse(goal: str, provider: str, transcript: Transcript) -> Transcript:
    if not transcript.messages:
        transcript.add("system", registry.describe())
    transcript.add("user", goal)
    while transcript.tokens < 4_000:
        reply = await complete(provider, transcript.last().content, registry.names())
        if skill := reply.get("skill"):
            transcript.add("assistant", await Skill.named(skill).perform(transcript))
            continue
        calls = [ToolCall(**raw) for raw in reply.get("tool_calls", [])]
        if not calls:
            return transcript.add("assistant", str(reply["text"]))
        for call in calls:
            logger.info("tool %s", call.name)
            transcript.add("tool", str(registry.run(call.name, call.arguments)))
    return transcript


@durable.agent_run
async def book(reservation: Reservation, guests: list[str]) -> bool:
    confirmed = Reservation(venue=reservation.venue.title(), when=reservation.when)
    try:
        answer = await durable.wait_for_event("confirmed", bool)
    except (ValueError, asyncio.CancelledError):  # expect: DUR135
        answer = False
    complete("claude", f"tell {', '.join(set(guests))}", [])  # expect: DUR133, DUR134
    return answer and confirmed.venue != ""


@durable.agent_run
async def inbox(provider: str) -> None:
    while True:  # expect: DUR151
        message = await durable.wait_for_event("message", str)
        await complete(provider, message, [])
