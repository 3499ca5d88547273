"""What users type. Invariant: it knows a running execution only by the attribute `durable_runtime`
of the running loop, and never imports the core."""
