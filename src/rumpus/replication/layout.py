"""Where kernels find things: one description, in two small arrays, of all tables of a world.

Encoding is driven by this description instead of being generated for each game, so its kernels are compiled once per
machine and not once per game. `meta` (int64) begins with a header, then holds a record per table, then a record per
sent column; `reals` (float64) holds a pair per sent column.
"""

from __future__ import annotations

from typing import Final

# --- Header ----------------------------------------------------------------------------------------------------------
TABLES: Final = 0
#: Where the first value out of range was found: table, sent column, row.
ERROR_TABLE: Final = 1
ERROR_COLUMN: Final = 2
ERROR_ROW: Final = 3
HEADER: Final = 4

# --- A table ---------------------------------------------------------------------------------------------------------
T_BLOCK: Final = 0  # offset of its block in `cells`
T_CAPACITY: Final = 1  # rows of its block; as many slots
T_ID: Final = 2
T_SENT: Final = 3  # sent columns
T_COLUMNS: Final = 4  # offset in `meta` of its first column
T_REALS: Final = 5  # offset in `reals`
T_MOVING: Final = 6  # columns with `moves`
T_STATE: Final = 7  # offset of its part of `state`
T_FILTERED: Final = 8  # whether clients get only the rows in their view
T_X: Final = 9  # rows of its block with the position
T_Y: Final = 10
T_BYTES: Final = 11  # bytes of it that were sent
T_CHANGES: Final = 12  # offset of its part of the buffer of changed rows (filtered tables)
T_GRID: Final = 13  # offset of its part of the grid's arrays (filtered tables)
T_SIZE: Final = 14

ID_TEXT: Final = 0
ID_NUMBER: Final = 1
ID_NONE: Final = 2

# --- A sent column ---------------------------------------------------------------------------------------------------
C_KIND: Final = 0
C_INDEX: Final = 1  # its row in the block
C_BYTES: Final = 2
C_MOST: Final = 3
C_MODULUS: Final = 4  # 2**bits of an angle, else 0
C_MOVES: Final = 5  # its place among the table's moving columns, or -1
C_VELOCITY: Final = 6  # the block's row with its velocity, or -1
C_SIZE: Final = 7

# --- The state of a table: what clients that are up to date hold, by slot
# ------------------------------------------------ A header; then, `capacity` numbers each: keys, rows, and for each
# sent column n; for each moving column the step; and for a filtered table where a slot's changed row begins and ends,
# and whether the slot was given up in this snapshot.
S_HIGH: Final = 0  # no slot from here on is in use
S_USED: Final = 1  # slots in use
S_HEADER: Final = 2

#: A step beyond this is a jump and not a motion.
JUMP: Final = 1023
#: Bytes that kernels may need beyond what they write: room for counts that are written when they are known.
SLACK: Final = 64
