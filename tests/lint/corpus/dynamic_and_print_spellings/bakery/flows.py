"""Bakes."""

import durable_async as da

from . import display, recipes
from .display import Display


@da.activity
async def bake(name: str) -> str:
    display.banner()
    print(name, recipes.frozen(name))
    return name


@da.orchestrator
async def bake_bread(name: str, program: str, blob: bytes) -> str:
    oven = recipes.Oven(program)
    oven.run()
    board = Display(name)
    board.show(name)
    lines = [display.fine(name), display.shadowed(str.upper, name), recipes.lazily(name), str(recipes.literal("1"))]
    display.everything(name)
    display.each(lines)
    total = oven.heat(200) + oven.exec() + recipes.calculated("+", 1, 2) + len(recipes.dynamic(name, blob))
    try:
        lines.append(await bake(name))
    except ValueError:
        board.failed()
    da.get_logger("bakery").info("baked %s", name)
    return "".join(lines) + str(total)
