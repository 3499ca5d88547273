from functools import lru_cache

from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    portal_url: str = "https://portal.example"
    photo_bucket: str = "photos"
    max_viewings: int = 12


@lru_cache  # expect: DUR141
def get_settings() -> Settings:
    return Settings()  # expect: DUR124


DEFAULTS = Settings.model_construct()
