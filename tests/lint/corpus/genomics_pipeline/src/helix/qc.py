"""Quality control. Pure, as far as anybody knows."""

import gc
import pprint
import resource
import statistics
import tracemalloc

import psutil


def gc_content(read):
    gc = read.count("G") + read.count("C")
    return gc / max(1, len(read))


class QualityGate:
    seen = []

    def __init__(self, min_reads, strict=False):
        self.min_reads = min_reads
        self.strict = strict
        self.reason = None

    def passes(self, reads):
        self.seen.append(reads["path"])  # expect: DUR141
        if psutil.virtual_memory().percent > 90:  # expect: DUR125
            gc.collect()  # expect: DUR125
        if len(reads["head"]) * 10 < self.min_reads:
            self.reason = "too few reads"
        return self.reason is None


def summarise(results, seen=[]):
    seen.append(len(results))  # expect: DUR141
    pprint.pprint(results)  # expect: DUR143
    usage = resource.getrusage(resource.RUSAGE_SELF)  # expect: DUR125
    return statistics.fmean(seen), usage.ru_maxrss


def profile(results):
    tracemalloc.start()
    return tracemalloc.take_snapshot()
