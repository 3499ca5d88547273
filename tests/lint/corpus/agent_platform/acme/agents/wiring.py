"""Process-wide clients."""

import os

import redis.asyncio

shared_redis: redis.asyncio.Redis = redis.asyncio.Redis.from_url(os.environ.get("REDIS_URL", "redis://localhost"))
