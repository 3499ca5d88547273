"""Casts parts."""

from __future__ import annotations

import durable_async as da

from .parts import Builder, Casting, Ingot, Ladle, Mould, Scrap, Singleton


@da.activity
async def melt(name: str) -> str:
    return Scrap().serial


@da.orchestrator
async def cast_part(name: str) -> str:
    gear = Builder.create().gear(name)
    mould = Mould(name)
    casting = Casting(name)
    ingot = Ingot()
    parts = [Singleton().home, Ladle().size, casting.name, mould.number, gear.teeth, ingot.registry]
    return await melt(name) + str(parts)
