/**
 * One table of a world: its rows as whole numbers in typed arrays, column by column.
 *
 * Rows lie side by side from 0 to `count` - 1, whatever slots they have: a server with ten thousand entities may show a
 * client thirty of them, and everything done to a table (predicting, copying, drawing) should cost thirty. The last row
 * moves into the gap that a removed one leaves.
 */
import { SnapshotError } from "../errors.js";
import { setOwn } from "../net/msgpack.js";

/** @typedef {import("../net/byte-reader.js").ByteReader} ByteReader */
/** @typedef {import("../types.js").TableSchema} TableSchema */
/** @typedef {import("../types.js").ColumnSchema} ColumnSchema */

/** Slots are lower than this. */
const MOST_SLOTS = 1_000_000;
/** A longer step than this is a jump: nothing is predicted from it. */
export const JUMP = 1023;

const FIRST_CAPACITY = 16;
const TWO_32 = 2 ** 32;

/** What a column is, worked out once from the schema. */
export class Column {
  /**
   * @param {ColumnSchema} schema
   * @param {number} index its place in the table, and its bit in the mask of a changed row
   */
  constructor(schema, index) {
    const { name, type } = schema;
    this.name = name;
    this.type = type;
    this.index = index;
    this.isText = type === "text";
    this.isFlag = type === "flag";
    /** Whether rows go on changing it by the same step. */
    this.moves = "moves" in schema && schema.moves === true;
    /** Its place among the columns that move, or -1. */
    this.step = -1;
    /** @type {readonly string[]} */
    this.of = schema.type === "choice" ? schema.of : [];
    /** Units of an n, and the value of n = 0. */
    this.unit = schema.type === "fixed" ? schema.step : schema.type === "angle" ? (2 * Math.PI) / 2 ** schema.bits : 1;
    this.least = schema.type === "fixed" || schema.type === "int" ? schema.min : 0;
    /** Directions in a full turn; 0 for all but angles. */
    this.turn = schema.type === "angle" ? 2 ** schema.bits : 0;
    this.bytes = type === "flag" || schema.type === "text" ? 1 : schema.bytes;
    if (!(this.bytes >= 1 && this.bytes <= 4)) throw new SnapshotError(`Column ${name} has a type not known here.`);
  }

  /** @param {number} n @returns {any} the value that n stands for; not for texts */
  value(n) {
    if (this.isFlag) return n !== 0;
    if (this.type === "choice") return this.of[n];
    return this.least + n * this.unit;
  }
}

export class WorldTable {
  /** Rows there are. */
  count = 0;
  /** How many rows there is room for; the distance in `n` and `steps` from one column to the next. */
  capacity = 0;
  /** By column and row: n of column c in row r is at c * capacity + r. */
  n = new Float64Array(0);
  /** By moving column and row: by how much n is expected to change until the next snapshot. */
  steps = new Float64Array(0);
  /** Ids of the rows; all "" in a single table. @type {string[]} */
  ids = [];
  /** Slots of the rows. */
  slots = new Int32Array(0);
  /** By slot: the row it has, or -1. */
  rows = new Int32Array(0).fill(-1);
  /** For each column that holds texts, those of the rows; empty for the others. @type {string[][]} */
  texts;

  /** @param {TableSchema} schema */
  constructor(schema) {
    this.schema = schema;
    this.name = schema.name;
    this.single = schema.single === true;
    this.key = schema.key ?? null;
    this.columns = schema.columns.map((column, index) => new Column(column, index));
    this.moving = this.columns.filter((column) => column.moves);
    this.moving.forEach((column, index) => (column.step = index));
    this.texts = this.columns.map(() => []);
    this.#grow();
  }

  clear() {
    for (let row = 0; row < this.count; row += 1) this.rows[this.slots[row]] = -1;
    this.count = 0;
  }

  /**
   * Become equal to another table of the same schema.
   *
   * @param {WorldTable} other
   */
  copy(other) {
    const { count } = other;
    if (this.capacity !== other.capacity) {
      this.capacity = other.capacity;
      this.n = new Float64Array(other.n.length);
      this.steps = new Float64Array(other.steps.length);
      this.slots = new Int32Array(other.slots.length);
    }
    if (this.rows.length !== other.rows.length) this.rows = new Int32Array(other.rows.length);
    this.n.set(other.n);
    this.steps.set(other.steps);
    this.slots.set(other.slots);
    this.rows.set(other.rows);
    for (let row = 0; row < count; row += 1) this.ids[row] = other.ids[row];
    for (let column = 0; column < this.texts.length; column += 1) {
      if (!this.columns[column].isText) continue;
      for (let row = 0; row < count; row += 1) this.texts[column][row] = other.texts[column][row];
    }
    this.count = count;
  }

  /**
   * The row that holds the same entity as a row of an earlier copy; -1 if it is gone. A slot alone says nothing: the
   * next one to come may have taken it, and after a keyframe anybody may have another.
   *
   * @param {WorldTable} earlier
   * @param {number} row of it
   */
  rowOf(earlier, row) {
    const slot = earlier.slots[row];
    const found = slot < this.rows.length ? this.rows[slot] : -1;
    return found >= 0 && this.ids[found] === earlier.ids[row] ? found : this.find(earlier.ids[row]);
  }

  /**
   * @param {string} id
   * @returns {number} the row with this id, or -1
   */
  find(id) {
    for (let row = 0; row < this.count; row += 1) if (this.ids[row] === id) return row;
    return -1;
  }

  /** Move every row on by one snapshot. */
  predict() {
    const { n, steps, capacity, count } = this;
    for (const column of this.moving) {
      const last = column.step * capacity + count;
      let at = column.index * capacity;
      const { turn } = column;
      for (let from = column.step * capacity; from < last; from += 1, at += 1) {
        const next = n[at] + steps[from];
        n[at] = turn === 0 ? next : next - Math.floor(next / turn) * turn;
      }
    }
  }

  /** A section of rows that are gone. @param {ByteReader} reader */
  readRemoved(reader) {
    for (let left = reader.varint(); left > 0; left -= 1) this.#remove(this.#knownRow(reader.varint()));
  }

  /** A section of rows in full. @param {ByteReader} reader */
  readFull(reader) {
    for (let left = reader.varint(); left > 0; left -= 1) {
      const row = this.#rowFor(reader.varint());
      this.ids[row] = this.single ? "" : this.key === null ? reader.text() : this.key + reader.varint();
      const { n, steps, capacity } = this;
      for (const column of this.columns) {
        if (column.isText) this.texts[column.index][row] = reader.text();
        else n[column.index * capacity + row] = checked(column, reader.whole(column.bytes));
      }
      for (const column of this.moving) steps[column.step * capacity + row] = reader.zigzag();
    }
  }

  /** A section of rows that are not where they were expected. @param {ByteReader} reader */
  readChanged(reader) {
    const { columns } = this;
    for (let left = reader.varint(); left > 0; left -= 1) {
      const row = this.#knownRow(reader.varint());
      const mask = reader.varint();
      // Bit operators see 32 bits; a table may have 48 columns.
      let bits = (mask % TWO_32) | 0;
      let first = 0;
      if (mask >= 2 ** columns.length) throw new SnapshotError(`Table ${this.name} has no such column.`);
      for (let half = 0; half < 2; half += 1) {
        while (bits !== 0) {
          const low = 31 - Math.clz32(bits & -bits);
          bits &= bits - 1;
          this.#correct(columns[first + low], row, reader);
        }
        if (mask < TWO_32) break;
        bits = Math.floor(mask / TWO_32);
        first = 32;
      }
    }
  }

  /**
   * @param {Column} column
   * @param {number} row
   * @param {ByteReader} reader
   */
  #correct(column, row, reader) {
    const at = column.index * this.capacity + row;
    if (column.isFlag) {
      this.n[at] = 1 - this.n[at];
      return;
    }
    if (column.isText) {
      this.texts[column.index][row] = reader.text();
      return;
    }
    const difference = reader.zigzag();
    const { turn } = column;
    const next = this.n[at] + difference;
    this.n[at] = checked(column, turn === 0 ? next : next - Math.floor(next / turn) * turn);
    if (!column.moves) return;
    const mine = column.step * this.capacity + row;
    let step = this.steps[mine] + difference;
    if (turn !== 0) step -= Math.floor(step / turn + 0.5) * turn;
    this.steps[mine] = step > JUMP || step < -JUMP ? 0 : step;
  }

  /** @param {number} slot */
  #knownRow(slot) {
    const row = slot < this.rows.length ? this.rows[slot] : -1;
    if (row < 0) throw new SnapshotError(`Table ${this.name} has nothing in slot ${slot}.`);
    return row;
  }

  /**
   * The row of a slot, which it gets now if it has none.
   *
   * @param {number} slot
   */
  #rowFor(slot) {
    if (slot >= this.rows.length) {
      if (slot >= MOST_SLOTS) throw new SnapshotError(`There is no slot ${slot}.`);
      const larger = new Int32Array(Math.max(2 * this.rows.length, slot + 1)).fill(-1);
      larger.set(this.rows);
      this.rows = larger;
    }
    if (this.rows[slot] < 0) {
      if (this.single && slot !== 0) throw new SnapshotError(`Table ${this.name} has one row, and this is another.`);
      if (this.count === this.capacity) this.#grow();
      this.rows[slot] = this.count;
      this.slots[this.count] = slot;
      this.count += 1;
    }
    return this.rows[slot];
  }

  /** @param {number} row */
  #remove(row) {
    const { n, steps, capacity } = this;
    this.rows[this.slots[row]] = -1;
    this.count -= 1;
    const last = this.count;
    if (row === last) return;
    for (let at = 0; at < n.length; at += capacity) n[at + row] = n[at + last];
    for (let at = 0; at < steps.length; at += capacity) steps[at + row] = steps[at + last];
    for (const texts of this.texts) if (texts.length > 0) texts[row] = texts[last];
    this.ids[row] = this.ids[last];
    this.slots[row] = this.slots[last];
    this.rows[this.slots[row]] = row;
  }

  #grow() {
    const capacity = this.single ? 1 : this.capacity === 0 ? FIRST_CAPACITY : 2 * this.capacity;
    const old = this.capacity;
    /** @param {Float64Array} from */
    const widened = (from) => {
      const block = new Float64Array((old === 0 ? 0 : from.length / old) * capacity);
      for (let at = 0; at * old < from.length; at += 1)
        block.set(from.subarray(at * old, (at + 1) * old), at * capacity);
      return block;
    };
    this.n = old === 0 ? new Float64Array(this.columns.length * capacity) : widened(this.n);
    this.steps = old === 0 ? new Float64Array(this.moving.length * capacity) : widened(this.steps);
    const slots = new Int32Array(capacity);
    slots.set(this.slots);
    this.slots = slots;
    this.capacity = capacity;
  }

  /**
   * The value of a column in a row, as plain data has it.
   *
   * @param {Column} column
   * @param {number} row
   * @returns {any}
   */
  value(column, row) {
    if (column.isText) return this.texts[column.index][row];
    return column.value(this.n[column.index * this.capacity + row]);
  }

  /**
   * A row as plain data.
   *
   * @param {number} row
   * @param {Record<string, any>} [into]
   */
  plainRow(row, into = {}) {
    for (const column of this.columns) into[column.name] = this.value(column, row);
    return into;
  }

  /** All rows as plain data, by id. */
  plain() {
    /** @type {Record<string, any>} */
    const all = {};
    for (let row = 0; row < this.count; row += 1) {
      if (this.ids[row] === "__proto__") setOwn(all, this.ids[row], this.plainRow(row));
      else all[this.ids[row]] = this.plainRow(row);
    }
    return all;
  }
}

/**
 * A number that no value goes with would be drawn as nonsense, or as undefined.
 *
 * @param {Column} column
 * @param {number} n
 */
function checked(column, n) {
  if (n < 0 || (column.turn !== 0 && n >= column.turn) || (column.type === "choice" && n >= column.of.length))
    throw new SnapshotError(`Column ${column.name} cannot hold this.`);
  if (column.isFlag && n > 1) throw new SnapshotError(`Column ${column.name} is true or false.`);
  return n;
}
