from .repository import InMemoryRepository, Repository, SqlRepository
from .unit_of_work import SqlUnitOfWork, UnitOfWork

__all__ = ["InMemoryRepository", "Repository", "SqlRepository", "SqlUnitOfWork", "UnitOfWork"]
