"""Streamlit dashboard of the campaigns."""

import asyncio
import datetime
import os
import tempfile
import webbrowser

import durable_async as da
import pandas as pd
import streamlit as st

from adtech.audiences import Audience
from adtech.bidding import STRATEGIES, lottery
from adtech.campaigns import run_campaign

DB = os.getenv("CAMPAIGN_DB", "sqlite:///ads.db")


async def start(name: str, segments: list[str]) -> str:
    async with da.Client(DB) as client:
        handle = await client.start(run_campaign(name, segments, ["top-1"], 10_000, "flat"), if_exists="attach")
        return handle.id


def table(audience: Audience) -> pd.DataFrame:
    rows = [{"user": user, "seen": datetime.datetime.now()} for user in audience]
    return pd.DataFrame(rows or [{"user": user} for user in audience.preview()])


def page() -> None:
    st.title(f"Campaigns, {datetime.date.today():%d %B}")
    name = st.text_input("Name")
    segments = st.multiselect("Segments", list({"new", "churned", "loyal"}))
    if st.button("Start"):
        st.write(asyncio.run(start(name, segments)))
    st.write(lottery("top-1", 100), sorted(STRATEGIES))
    with tempfile.NamedTemporaryFile(suffix=".csv", delete=False) as file:
        table(Audience(["a", "b"])).to_csv(file)
    webbrowser.open(file.name)


page()
