"""SQLAlchemy models and the repository of candidates."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

engine = create_engine("postgresql+psycopg://hiring", pool_pre_ping=True)
SessionLocal = sessionmaker(engine)


class Base(DeclarativeBase):
    pass


class Candidate(Base):
    __tablename__ = "candidate"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str]
    stage: Mapped[str] = mapped_column(default="new")
    created: Mapped[datetime] = mapped_column(default=datetime.utcnow)


class Score(Base):
    __tablename__ = "score"

    id: Mapped[int] = mapped_column(primary_key=True)
    candidate: Mapped[int] = mapped_column(ForeignKey("candidate.id"))
    value: Mapped[int]


class CandidateRepository:
    def __init__(self, session: Session) -> None:
        self.session = session

    def stage(self, candidate_id: int) -> str | None:
        return self.session.scalar(select(Candidate.stage).where(Candidate.id == candidate_id))  # expect: DUR121

    def emails(self, stage: str) -> list[str]:
        statement = select(Candidate.email).where(Candidate.stage == stage)
        return sorted(self.session.scalars(statement))  # expect: DUR121

    def query_for(self, stage: str):
        return select(Candidate).where(Candidate.stage == stage).order_by(Candidate.id)

    def delete(self, candidate_id: int) -> None:
        self.session.delete(self.session.get(Candidate, candidate_id))


def save_score(candidate_id: int, value: int) -> None:
    with Session(engine) as session:
        session.add(Score(candidate=candidate_id, value=value))
        session.commit()  # expect: DUR121


def ping() -> bool:
    with engine.connect() as connection:  # expect: DUR121
        return connection.closed is False
