"""Fills silos."""

import durable_async as da

from . import rebinding as steps


@da.orchestrator
async def fill_silo(words: list[str], seconds: float) -> str:
    lines = steps.sorted_then_used(words) + steps.used_then_sorted(words) + steps.deleted(words)
    lines += [steps.became_set(words), steps.fake_after_real("x"), str(steps.real_after_fake("x"))]
    total = steps.seeded_after(None, 3) + steps.local_import(1) + steps.local_lambda(2) + steps.later_shadow(seconds)
    total += sum(steps.comprehension_scope([1.0])) + steps.walrus("a.txt") + steps.class_scope(seconds)
    lines += [steps.text_not_path("x"), steps.path_not_text("y"), steps.swapped("z")]
    await da.sleep(total)
    return "".join(lines)
