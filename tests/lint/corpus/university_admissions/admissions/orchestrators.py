from __future__ import annotations

import logging
import time
import uuid
from datetime import datetime, timedelta

import azure.durable_functions as df

from admissions import lottery
from shared import Term, Transcript, days_left, normalise, reminder_times
from shared.deadlines import overdue

bp = df.Blueprint()
RETRY = df.RetryOptions(first_retry_interval_in_milliseconds=5_000, max_number_of_attempts=3)
REQUIRED = {"transcript", "passport", "motivation"}
_cache: dict[str, list] = {}


def mail(context: df.DurableOrchestrationContext, to: str, subject: str, text: str):
    return context.call_activity_with_retry("send_mail", RETRY, {"to": to, "subject": subject, "text": text})


def reference(programme: str) -> str:
    return f"{programme}-{uuid.uuid4().hex[:8]}"  # expect: DUR112


def wait_for_documents(context: df.DurableOrchestrationContext, application: dict, term: Term):
    """Until all documents are there or the term's deadline has passed. Gives the missing ones."""
    have = set((yield context.call_activity("check_documents", application)))
    reminders = reminder_times(term, context.current_utc_datetime)
    while not have >= REQUIRED:
        due = reminders.pop(0) if reminders else term.deadline
        timer = context.create_timer(due)
        document = context.wait_for_external_event("document")
        winner = yield context.task_any([document, timer])
        if winner == document:
            have.add(document.result["kind"])
            if not timer.is_completed:
                timer.cancel()
        elif overdue(term):
            break
        else:
            left = days_left(term, context.current_utc_datetime)
            missing = ", ".join(sorted(REQUIRED - have))
            yield mail(context, application["mail"], f"{left} days left", f"We still need: {missing}")
    return REQUIRED - have


@bp.orchestration_trigger(context_name="context")
def application(context: df.DurableOrchestrationContext):
    data = context.get_input()
    term = Term.parse(data["term"]) if "term" in data else Term.current()
    number = reference(data["programme"])
    context.set_custom_status({"number": number, "term": str(term)})
    missing = yield from wait_for_documents(context, data, term)
    if missing:
        text = "\n".join(f"- {name}" for name in missing)  # expect: DUR134
        yield mail(context, data["mail"], "Incomplete", text)
        return {"result": "incomplete"}

    transcript = Transcript(data["country"], data["grades"])
    gaps = transcript.missing({"maths", "english", "physics"})
    score = transcript.with_bonus(set(data.get("advanced", [])))
    if gaps and score > 2:
        context.call_activity("send_mail", {"to": data["mail"], "subject": "Gaps", "text": ", ".join(gaps)})  # expect: DUR133
        return {"result": "rejected", "gaps": gaps}

    if not context.is_replaying:
        logging.info("%s: %s", number, score)
    interview = yield context.call_sub_orchestrator("interview", data, f"{context.instance_id}-interview")
    result = "admitted" if interview["points"] + (5 - float(score)) * 10 > 50 else "rejected"
    yield context.call_activity("store_decision", {"id": data["id"], "result": result})
    yield mail(context, data["mail"], "Your application", f"You are {result}.")
    return {"result": result, "score": str(score)}


@bp.orchestration_trigger(context_name="context")
def interview(context: df.DurableOrchestrationContext):
    data = context.get_input()
    slots = [context.current_utc_datetime + timedelta(days=d) for d in (3, 5, 7)]
    yield mail(context, data["mail"], "Interview", "\n".join(s.isoformat() for s in slots))
    answers = [context.wait_for_external_event(f"points-{examiner}") for examiner in data["examiners"]]
    points = yield context.task_all(answers)
    while datetime.utcnow() < slots[0].replace(tzinfo=None):  # expect: DUR101
        time.sleep(1)  # expect: DUR102
    return {"points": sum(points) / len(points)}


@bp.orchestration_trigger(context_name="context")
def allocate(context: df.DurableOrchestrationContext):
    """All places of one programme: 80 per cent by grade, the rest by lot."""
    order = context.get_input()
    programme, places = order["programme"], order["places"]
    if programme not in _cache:  # expect: DUR141
        _cache[programme] = yield context.call_activity("load_applicants", programme)  # expect: DUR141
    applicants = _cache[programme]  # expect: DUR141
    scores = {i: float(normalise(country, grade)) for i, country, grade in applicants}
    ranked = lottery.rank(scores, places * 8 // 10)
    rest = sorted(set(scores) - set(ranked))
    drawn = lottery.draw(rest, places - len(ranked), str(context.new_uuid()))
    waiting = lottery.waiting_list([i for i in rest if i not in drawn], seed=places)
    tasks = [context.call_activity("store_decision", {"id": i, "result": "admitted"}) for i in ranked + drawn]
    yield context.task_all(tasks)
    context.set_custom_status({"waiting": waiting[:50]})
    return {"admitted": len(ranked) + len(drawn), "waiting": len(waiting)}


@bp.orchestration_trigger(context_name="context")
def statistics(context: df.DurableOrchestrationContext):
    while True:  # expect: DUR151
        yield context.create_timer(context.current_utc_datetime + timedelta(days=1))
        yield context.call_activity("send_mail", {"to": "dean", "subject": "Daily numbers", "text": context.instance_id})


@bp.orchestration_trigger(context_name="context")
def open_terms(context: df.DurableOrchestrationContext):
    term = Term.parse(context.get_input())
    yield context.create_timer(term.deadline)
    for programme in ("cs", "law", "medicine"):
        yield context.call_sub_orchestrator("allocate", {"programme": programme, "places": 200})
    context.continue_as_new(str(term.next()))
