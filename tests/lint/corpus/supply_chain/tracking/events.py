import io
import json
import pprint
import random
import time
import zlib
from dataclasses import dataclass
from datetime import datetime, timezone


@dataclass
class Decoder:
    encoding: str = "utf-8"

    def __call__(self, raw):
        return json.loads(raw)


def decode(raw, decoder=Decoder()):
    message = decoder(raw)
    message.setdefault("received", time.asctime())  # expect: DUR101
    message["occurred"] = datetime.fromtimestamp(message.get("ts", 0), tz=timezone.utc).isoformat()
    return message


def on_scan(message):
    return f"scan@{message['place']}"


def on_customs(message):
    out = io.StringIO()
    out.write(pprint.pformat(message))
    return out.getvalue()


def on_delivered(message):
    return "delivered " + random.choice(["!", "."])  # expect: DUR111


def on_unknown(message):
    return f"unknown-{id(message):x}"  # expect: DUR125


def on_temperature(message):
    return f"{message['celsius']} at {time.time()}"


DISPATCH = {
    "scan": on_scan,
    "customs": on_customs,
    "delivered": on_delivered,
    "unknown": on_unknown,
    "crc": lambda message: str(zlib.crc32(json.dumps(message).encode())),
}
