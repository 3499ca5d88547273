"""Names of the Azure SDK on top of durable_async, so that the port stayed small."""
from datetime import datetime, timezone

import durable_async as da


class RetryOptions:
    def __init__(self, first_retry_interval_in_milliseconds, max_number_of_attempts):
        self.first = first_retry_interval_in_milliseconds
        self.attempts = max_number_of_attempts

    def policy(self):
        return da.RetryPolicy(max_attempts=self.attempts, initial_interval=self.first / 1000)


def current_utc_datetime():
    return da.now()


def wall_clock():
    return datetime.now(timezone.utc)
