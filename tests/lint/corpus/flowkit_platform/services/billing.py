"""The billing service's flows, built on flowkit."""

import asyncio

import durable_async as da
from flowkit import Bus, audited, guarded, memoised, registry, request_context


@da.activity
async def post_invoice(tenant: str, lines: dict[str, int]) -> str:
    return f"{tenant}-{sum(lines.values())}"


@registry.register("rebate")
def rebate(lines: dict) -> dict:
    return {name: cents * 9 // 10 for name, cents in lines.items()}


@memoised
def vat(country: str) -> int:
    return {"DE": 19, "FR": 20}.get(country, 0)


@da.orchestrator(version="2")
@audited("billing")
@guarded
async def bill_tenant(name: str, lines: dict[str, int], country: str, plugin: str = "rebate") -> str:
    transform = registry[plugin] if plugin in registry else registry.resolve(plugin)
    with request_context(name) as correlation:
        lines = transform(lines)
        lines["vat"] = sum(lines.values()) * vat(country) // 100
        async with Bus("billing", jitter=0.5) as bus:
            await bus.publish({"correlation": str(correlation)})
            number = await post_invoice(name, lines)
    if not number:
        asyncio.sleep(5)  # expect: DUR133
        number = await post_invoice(name, lines)
    return number
