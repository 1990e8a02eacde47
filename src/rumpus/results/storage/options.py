"""Every number about keeping results that an operator can turn. The CLI derives its flags from these fields."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

SeasonLength = Literal["month", "quarter", "year"]


class StorageOptions(msgspec.Struct, kw_only=True, frozen=True):
    """Where results are kept, and what waiting for them may cost."""

    database: Annotated[
        str,
        Meta(
            description="where results are kept: sqlite (a file in your data folder, the default), sqlite:///FILE, "
            "postgresql://USER:PASSWORD@HOST/NAME, or none; RUMPUS_DATABASE in the environment says the same"
        ),
    ] = ""
    journal: Annotated[
        str, Meta(description="file for results that the database has not taken yet [default: in your data folder]")
    ] = ""
    keep_unrated: Annotated[
        float, Meta(ge=0, le=36_500, description="days that matches which are not rated are kept; 0: for ever")
    ] = 30.0
    max_kept_per_address: Annotated[
        int, Meta(ge=0, description="matches that are not rated and are kept all the same, in an hour of one address")
    ] = 60
    season: Annotated[SeasonLength, Meta(description="how long a season of the leaderboards is")] = "quarter"
    result_queue: Annotated[int, Meta(ge=1, description="matches in memory while there is no room for them")] = 10_000
    database_timeout: Annotated[float, Meta(ge=0.1, le=60, description="seconds the database gets for one answer")] = (
        5.0
    )
    max_queries: Annotated[int, Meta(ge=1, description="questions that may wait for the database")] = 64
    query_cache: Annotated[float, Meta(ge=0, le=3600, description="seconds an answer over HTTP is good for")] = 3.0
    rating_cache: Annotated[int, Meta(ge=1, description="ratings kept in memory")] = 10_000
