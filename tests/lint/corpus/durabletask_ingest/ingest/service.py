"""Worker and command line of the ingestion."""

import argparse
import os
import sys
import time
from datetime import datetime, timedelta

from durabletask.client import TaskHubGrpcClient
from durabletask.worker import TaskHubGrpcWorker

from ingest import activities
from ingest.orchestrations import backfill, describe_all, ingest_feed, poll_partner


def build_worker() -> TaskHubGrpcWorker:
    worker = TaskHubGrpcWorker(host_address=os.environ.get("TASKHUB", "localhost:4001"))
    for orchestration in {ingest_feed, backfill, poll_partner}:
        worker.add_orchestrator(orchestration)
    for activity in (activities.count_rows, activities.import_batch, activities.newest, activities.publish):
        worker.add_activity(activity)
    return worker


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser("ingest")
    parser.add_argument("command", choices=["work", "poll", "backfill", "partners"])
    parser.add_argument("--partner", default="acme")
    options = parser.parse_args(argv)
    if options.command == "partners":
        print(*describe_all(), sep="\n")
        return 0
    if options.command == "work":
        with build_worker() as worker:
            worker.start()
            while True:
                time.sleep(60)
    client = TaskHubGrpcClient(host_address=os.environ.get("TASKHUB"))
    if options.command == "poll":
        client.schedule_new_orchestration(poll_partner, input={"partner": options.partner, "seen": []})
    else:
        since = datetime.now() - timedelta(days=30)
        feed = {"partner": options.partner, "url": "", "columns": []}
        client.schedule_new_orchestration(backfill, input={"since": since.isoformat(), "feed": feed, "expected": []})
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
