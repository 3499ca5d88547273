import durable_async as rt

flow = rt.orchestrator
task = rt.activity
