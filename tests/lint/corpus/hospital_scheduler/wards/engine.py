"""One place that knows which engine runs the flows."""

import durable_async

durable_flow = durable_async.orchestrator
remote_call = durable_async.activity
pause = durable_async.sleep
