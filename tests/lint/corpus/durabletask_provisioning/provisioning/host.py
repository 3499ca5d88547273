"""The worker process."""

import os
import signal
import threading
import uuid

from durabletask.client import TaskHubGrpcClient
from durabletask.worker import TaskHubGrpcWorker

from provisioning import activities, flows


def main() -> None:
    address = os.environ.get("TASKHUB", "localhost:4001")
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    with TaskHubGrpcWorker(host_address=address) as worker:
        worker.add_orchestrator(flows.provision_tenant)
        worker.add_orchestrator(flows.enable_feature)
        worker.add_orchestrator(flows.retire_tenant)
        worker.add_orchestrator(flows.bill_monthly)
        worker.add_orchestrator(flows.watch_quota)
        for name in ("create_namespace", "create_database", "drop_database", "register_dns", "usage", "send_invoice"):
            worker.add_activity(getattr(activities, name))
        worker.start()
        client = TaskHubGrpcClient(host_address=address)
        spec = flows.TenantSpec(f"demo-{uuid.uuid4().hex[:6]}")
        print(client.schedule_new_orchestration(flows.provision_tenant, input=spec))
        stopped.wait()


if __name__ == "__main__":
    main()
