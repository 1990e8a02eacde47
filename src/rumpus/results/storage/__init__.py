"""Results that last: matches, ratings and leaderboards in a database, and how they get there without anybody waiting.

    end of a match -> `recorder` -> `journal` (a local file) -> `store` (SQLite or PostgreSQL)
    HTTP or a room -> `queries` -> `leaderboards`, `history`

Nothing here runs on the thread of the event loop except handing a record over. SQLAlchemy is imported by the threads
that use it, because that takes longer than the rest of a start.
"""
