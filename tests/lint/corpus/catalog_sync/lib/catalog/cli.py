import argparse
import asyncio
import sys
from datetime import datetime

from catalog import jobs
from catalog.sinks._elastic import count_products
from catalog.sources.feed import Feed


def main(argv=None):
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    options = parser.parse_args(argv or sys.argv[1:])
    print(Feed.latest(options.folder), datetime.now(), asyncio.run(count_products()))
    return jobs.sync.name
