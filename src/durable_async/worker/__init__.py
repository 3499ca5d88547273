"""The worker: runs episodes and activities, and hands what comes of them to its host."""
