"""Every asyncio construct, in an orchestrator as in plain asyncio."""
