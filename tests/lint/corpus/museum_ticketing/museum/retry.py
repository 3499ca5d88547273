import asyncio

import backoff
from tenacity import retry, stop_after_attempt, wait_fixed


async def retrying(make, attempts=3):
    for attempt in range(attempts):
        try:
            return await make()
        except asyncio.CancelledError:
            raise
        except Exception:
            await asyncio.sleep(parse_delay(str(2**attempt)))
        finally:
            if attempt == attempts:
                break  # expect: DUR135
    return None


@retry(stop=stop_after_attempt(3), wait=wait_fixed(1))  # expect: DUR102
def parse_delay(text):
    return float(text)


@backoff.on_exception(backoff.expo, ValueError)
def parse_price(text):
    return int(text)
