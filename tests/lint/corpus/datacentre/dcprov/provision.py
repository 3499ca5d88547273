"""Provisioning flows. Ported from the old twisted daemon, module by module."""

import asyncio
import importlib
import os
import signal

import durable_async as da

from dcprov import globals as g
from dcprov.lib import *
from dcprov.net.steps import *
from dcprov.net.switches import Switch, careful_ping, fabric, in_parallel, quiet_ping, wait_up, wait_up_limited

HOOKS = "dcprov_hooks"


def run_hook(name, host):
    hook = importlib.import_module(HOOKS + "." + name)  # expect: DUR142
    return hook.run(host)


def cleanup():
    os.remove("/run/dcprov.pid")  # expect: DUR122
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # expect: DUR125


@da.orchestrator
async def provision_rack(rack: str, hosts: list[str], vendor: str) -> dict[str, str]:
    config = get_config()
    if queue_rack(rack) > config.formula("max-racks"):
        fail("too many racks")
    switch = Switch(f"sw-{rack}")
    switch.configure(g.VLANS["mgmt"])
    await switch.configure_async(g.VLANS["prod"])
    image = image_path(config.get("images", vendor, "base"))
    installed = {}
    for host in in_parallel(hosts):
        installed[host] = await install_image(host, image)
        run_hook("after-install", host)
    register_asset(asset_tag(vendor), rack)  # expect: DUR133
    for name in {vendor, *fabric()}:  # expect: DUR134
        await ping(name)
    for vlan in vlan_names():
        await ping(f"{vlan}.{rack}")
    installed["password"] = random_password()
    return installed


@da.orchestrator
async def drain_rack(rack: str, blob: bytes, force=False) -> str:  # expect: DUR152
    state = thaw(blob)
    status, output = get_status_output("rackctl drain " + quoted([rack]))
    if status:
        return to_text(output)
    run_command(["rackctl", "off", rack])
    nap(2)
    if free_memory() < 1 << 20 or not mac_ok(state["mac"]):
        warn(home())
    cleanup()
    try:
        await release_rack(rack)
    finally:
        for key, value in iteritems(state):
            if key == rack:
                return value  # expect: DUR135
    return str(now())


@da.orchestrator
async def reboot_switch(name: str, limit: int = 10) -> int:
    switch = Switch(name)
    if not await switch.reboot():
        await quiet_ping(name)
        return await wait_up_limited(name, limit)
    await careful_ping(name)
    return limit if last_error() is None else -1


@da.orchestrator
async def babysit(name: str) -> None:
    await asyncio.gather(wait_up(name), wait_up_limited(name, 5))


@da.orchestrator
def inventory(rack: str) -> list[str]:  # expect: DUR152
    return sorted(g.VLANS) + [rack]


@da.orchestrator
async def handover(rack: str, writer: asyncio.StreamWriter) -> None:  # expect: DUR152
    await register_asset(rack, rack)


@da.orchestrator
async def decommission(racks: set[str], ranks: set[int]) -> list[str]:
    gone = []
    for rack in racks:  # expect: DUR134
        if await release_rack(rack):
            gone.append(rack)
    for rank in ranks:
        await asyncio.sleep(rank)
    tasks = {asyncio.create_task(ping(rack)) for rack in sorted(racks)}
    done, _pending = await asyncio.wait(tasks)
    for task in done:
        gone.append(str(task.result()))
    babysit(gone[0])  # expect: DUR133
    return gone
