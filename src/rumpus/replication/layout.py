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

# --- The state of a table: what clients that are up to date hold, by slot --------------------------------------------
# A header; then, `capacity` numbers each: keys, rows, and for each sent column n; for each moving column the step; and
# for a filtered table where a slot's changed row begins and ends, and whether the slot was given up in this snapshot.
S_HIGH: Final = 0  # no slot from here on is in use
S_USED: Final = 1  # slots in use
S_HEADER: Final = 2

# --- The view of clients, and the grid over all positions (float64) ---------------------------------------------------
G_REACH_X: Final = 0  # half the view's width, height
G_REACH_Y: Final = 1
G_MARGIN: Final = 2
G_RADIUS: Final = 3  # of a view that is a circle, else 0
G_LEFT: Final = 4
G_TOP: Final = 5
G_CELL: Final = 6
G_SIZE: Final = 7
#: Cells of the grid across and down.
ACROSS: Final = 128
#: Entries of a table's list of cells: where each begins, and where the last ends.
CELL_HEADS: Final = ACROSS * ACROSS + 1

# --- The book of a history: a header; a record per table with `rewind=`; one per column; the ticks; the rows ----------
B_ENTRIES: Final = 0  # entries of the ring; 0: nothing is to be remembered
B_NEWEST: Final = 1  # the newest one's place in the ring
B_HELD: Final = 2  # entries that hold something
B_TABLES: Final = 3
B_TICKS: Final = 4  # offset in the book of the tick of each entry
B_HEADER: Final = 5

H_NUMBER: Final = 0  # the table's number in the world
H_BLOCK: Final = 1  # offset of its block in the world's cells
H_CAPACITY: Final = 2  # rows of that block, and of each line of an entry
H_COLUMNS: Final = 3  # columns that are kept besides KEY
H_RECORDS: Final = 4  # offset in the book of the first one's record
H_KEPT: Final = 5  # offset in `kept` of the first entry; an entry has a line of keys, then one per column
H_ROWS: Final = 6  # offset in the book of the number of rows in each entry
H_SIZE: Final = 7

K_INDEX: Final = 0  # the column's row in the block
K_MODE: Final = 1
K_PLACE: Final = 2  # whether it is the row's place: where it jumps, the whole row does
K_REALS: Final = 3  # offset in `kept` of two numbers: the least step that is a jump, and a quarter of a wire's step
K_SIZE: Final = 4

#: How a column is seen between two entries: as in the earlier one, on the way from one to the other, or turning.
HELD: Final = 0
BLENDED: Final = 1
TURNED: Final = 2

#: A step beyond this is a jump and not a motion.
JUMP: Final = 1023
#: Bytes that kernels may need beyond what they write: room for counts that are written when they are known.
SLACK: Final = 64
