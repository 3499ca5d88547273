from podcast.pipeline import episode, season

__all__ = ["episode", "season"]
