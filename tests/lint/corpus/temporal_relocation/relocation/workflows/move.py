import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

with workflow.unsafe.imports_passed_through():
    import pydantic

    from ..activities import Housing, book_visa, collect_quotes
    from ..shared import DEFAULT_RETRY, Move, Step, cheapest, due, is_overdue
    from .base import BaseWorkflow


class Preferences(pydantic.BaseModel):
    quiet: bool = False
    rooms: int = 2


@workflow.defn
class MoveWorkflow(BaseWorkflow):
    @workflow.init
    def __init__(self, move: Move) -> None:
        super().__init__()
        self.move = move
        self.reference = move.reference()
        self.preferences = Preferences()

    @workflow.run
    async def run(self, move: Move) -> list[str]:
        visa = await workflow.execute_activity(
            book_visa, move, start_to_close_timeout=timedelta(minutes=5), retry_policy=DEFAULT_RETRY
        )
        self.note(f"visa {visa}")
        if not await self.until_approved(timedelta(days=14)):
            raise ApplicationError("nobody approved", non_retryable=True)

        booking = await workflow.execute_activity_method(
            Housing.reserve, move.destination, start_to_close_timeout=timedelta(minutes=1)
        )

        async def give_back() -> None:
            await workflow.execute_activity_method(
                Housing.cancel, booking, start_to_close_timeout=timedelta(minutes=1)
            )

        self._undo.append(give_back)
        try:
            quotes = await workflow.execute_activity(
                collect_quotes, move, start_to_close_timeout=timedelta(hours=1)
            )
        except ActivityError:
            await self.undo()
            raise
        self.note_fast(cheapest(quotes).vendor)
        start = workflow.now()
        waiting = [asyncio.create_task(self._remind(step, due(step, start))) for step in Step]
        await workflow.wait(waiting)
        return self.notes + move.fragments()

    async def _remind(self, step: Step, when) -> None:
        await asyncio.sleep((when - workflow.now()).total_seconds())
        if is_overdue(step, workflow.now()):
            self.note(f"{step.name} is late ({workflow.random().randint(1, 9)})")

    @workflow.signal
    async def approve(self, by: str) -> None:
        print("approved by", by)  # expect: DUR143
        self.approved = True

    @workflow.signal(name="prefer")
    def set_preferences(self, preferences: Preferences) -> None:
        self.preferences = preferences

    @workflow.query
    def progress(self) -> dict[str, object]:
        return {"notes": self.notes, "id": workflow.uuid4().hex, "move": self.move.fingerprint()}

    @workflow.update
    async def rename(self, name: str) -> str:
        previous, self.move.employee = self.move.employee, name
        return previous

    @rename.validator
    def _check_name(self, name: str) -> None:
        if not name.strip():
            raise ValueError("empty")
