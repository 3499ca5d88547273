import asyncio
from datetime import timedelta
from typing import cast

import durable_async as da

from learn.courses import Lesson, keywords, quiz, visitor
from learn.grading import Grader, grade, transcript


@da.activity
async def assign(learner: str, slug: str, words: int) -> int:
    return words


@da.activity
async def mail(learner: str, text: str) -> None: ...


async def study(learner: str, root: Lesson) -> list[str]:
    log = visitor()
    next(log)
    for lesson in root.walk():
        minutes = log.send(lesson)
        await assign(learner, lesson.slug, lesson.words)
        await asyncio.sleep(minutes * 60)
    return [lesson.cover.name for lesson in root.walk()]


@da.orchestrator
async def learning_path(learner: str, root: Lesson) -> str:
    covers = await study(learner, root)
    grader = Grader({"curve": "late"})
    grader.start(da.now())
    rows: dict[str, str] = {}
    for slug in quiz(root, learner, 5):
        points = await da.wait_for_event(f"exam:{slug}", int)
        rows[slug] = grader(points)
    try:
        await mail(learner, transcript(rows))
        await mail(learner, ", ".join(keywords(root / "extras")))
    except asyncio.CancelledError:  # expect: DUR135
        da.set_custom_status(grader.elapsed)
        return "cancelled"
    mail(learner, f"{len(covers)} lessons")  # expect: DUR133
    return grade(100)


@da.orchestrator
async def cohort(learners: list[str], root: Lesson, points: list[int]) -> list[str]:
    async with asyncio.TaskGroup() as group:
        for learner in dict.fromkeys(learners):
            group.create_task(learning_path(learner, root))
    letters = Grader({}).many(points)
    for learner in {name.casefold() for name in learners}:  # expect: DUR134
        await mail(learner, f"done: {letters}")
    for letter in cast("list[str]", sorted(set(letters))):
        await da.sleep(timedelta(seconds=len(letter)))
    return letters


@da.orchestrator
async def weekly_digest(learner: str) -> None:
    while True:  # expect: DUR151
        try:
            await da.sleep(timedelta(weeks=1))
            await mail(learner, "this week")
        except ValueError:
            continue
