import asyncio
import multiprocessing
import queue

import ulid
from zeep import Client as SoapClient

from tracking.rules import Rule
from tracking.tasks import file_entry


class Broker:
    wsdl = "https://customs.example/entry?wsdl"

    def __init__(self, country):
        self.country = country
        self.rule = Rule()
        self._work = queue.LifoQueue()  # expect: DUR131

    def reference(self):
        return f"{self.country}-{ulid.new()}"  # expect: DUR112

    def ready(self, line):
        return not self.rule.eval({"budget": line["value"]})

    def next_line(self):
        return self._work.get()  # expect: DUR102

    def tariff(self, code):
        return SoapClient(self.wsdl).service.Tariff(code)

    def shared(self):
        return multiprocessing.Value("i", 0)  # expect: DUR131


async def clear_all(broker, lines):
    return await _clear(Broker(broker.country), lines)


async def _clear(broker: Broker, lines: list[dict]) -> list[str]:
    counter = broker.shared()
    refs = [broker.reference() for line in lines if broker.ready(line)]
    try:
        await asyncio.gather(*[file_entry(ref, "draft") for ref in refs])
    except:  # expect: DUR135
        refs.append(str(broker.next_line()))
    counter.value += 1
    return refs
