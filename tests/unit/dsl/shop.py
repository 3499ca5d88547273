"""Definitions of a small shop, for tests of what a registry takes from a module."""

import durable_async as da


@da.activity
async def charge(order_id: str, cents: int = 100) -> str:
    return f"{order_id}/{cents}"


@da.activity
def resize(path: str) -> str:
    return path.upper()


@da.orchestrator(version="2")
async def checkout(order_id: str) -> str:
    return await charge(order_id)


alias = charge
elsewhere = da.activity_named("elsewhere", int)
