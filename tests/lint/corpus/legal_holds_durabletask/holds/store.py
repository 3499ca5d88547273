"""The evidence store and the index: only activities should be here."""

import os
import pickle
import subprocess

import sqlalchemy as sa
from elasticsearch import Elasticsearch
from sqlalchemy.orm import Session

engine = sa.create_engine(os.environ.get("HOLDS_DB", "sqlite://"))
documents = sa.Table("documents", sa.MetaData(), sa.Column("id", sa.String), sa.Column("matter", sa.String))


def count_documents(matter: str) -> int:
    query = sa.select(sa.func.count()).where(documents.c.matter == matter)
    with Session(engine) as session:
        return session.execute(query).scalar_one()  # expect: DUR121


def search(matter: str, text: str) -> list[dict]:
    found = Elasticsearch("http://search:9200").search(index=matter, q=text)
    return [hit["_source"] for hit in found["hits"]["hits"]]


def unpack(blob: bytes) -> object:
    return pickle.loads(blob)


def compress(path: str) -> int:
    return os.system(f"xz -9 {path}")  # expect: DUR123


def scan(path: str) -> str:
    with subprocess.Popen(["clamscan", path], stdout=subprocess.PIPE) as process:  # expect: DUR123
        out, _ = process.communicate()  # expect: DUR102
    return out.decode()
