"""Pydantic models of an envelope."""

import hashlib
import uuid
from datetime import datetime, timedelta, timezone
from typing import ClassVar

import shortuuid
from pydantic import BaseModel, Field, computed_field, field_validator, model_validator

NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "sign.example")


class Signer(BaseModel):
    email: str
    order: int = 0
    open: bool = True

    def signed(self) -> "Signer":
        return self.model_copy(update={"open": False})


class AuditEntry(BaseModel):
    at: datetime = Field(default_factory=datetime.utcnow)  # expect: DUR101
    ref: str = Field(default_factory=shortuuid.uuid)  # expect: DUR112
    text: str

    @field_validator("text")
    @classmethod
    def _tidy(cls, value: str) -> str:
        return " ".join(value.split())


class Envelope(BaseModel):
    MAX_SIGNERS: ClassVar[int] = 20

    title: str
    signers: list[Signer]
    documents: dict[str, str] = Field(default_factory=dict)
    expires: datetime | None = None

    @model_validator(mode="after")
    def _check(self) -> "Envelope":
        if self.expires and self.expires < datetime.now(timezone.utc):  # expect: DUR101
            raise ValueError("expired")
        return self

    @computed_field
    @property
    def digest(self) -> str:
        body = "\n".join(f"{name}={text}" for name, text in sorted(self.documents.items()))
        return hashlib.sha256(body.encode()).hexdigest()

    @property
    def reference(self) -> uuid.UUID:
        return uuid.uuid5(NAMESPACE, self.digest)

    def next_signer(self) -> Signer | None:
        waiting = [signer for signer in self.signers if signer.open]
        return min(waiting, key=lambda signer: signer.order, default=None)

    def renew(self) -> "Envelope":
        later = datetime.now(timezone.utc) + timedelta(days=30)
        return self.model_copy(update={"expires": later})


def etag(envelope: Envelope) -> int:
    return hash(envelope.title)  # expect: DUR125


def split_by_domain(envelope: Envelope) -> list[Envelope]:
    domains = {signer.email.rpartition("@")[2] for signer in envelope.signers}
    parts = []
    for domain in domains:  # expect: DUR134
        signers = [signer for signer in envelope.signers if signer.email.endswith(domain)]
        parts.append(Envelope(title=envelope.title, signers=signers))
    return parts
