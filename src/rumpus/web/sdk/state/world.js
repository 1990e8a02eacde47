/**
 * What this client knows of a game's world: the tables that the server keeps, brought up to date by binary snapshots.
 *
 * Both sides predict that a moving thing makes the same step again, and the server sends only where that is wrong; so
 * snapshots build on one another and are applied each exactly once, in order. `docs/protocol.md` has every byte.
 */
import { ByteReader } from "../net/byte-reader.js";
import { MessagePackError, SnapshotError } from "../errors.js";
import { decode } from "../net/msgpack.js";
import { WorldTable } from "./world-table.js";

/** @typedef {import("../types.js").GameEvent} GameEvent */

/** Bits of the flags. */
const KEYFRAME = 1;
const MARGIN = 2;

const REMOVED = 0;
const FULL = 1;
const CHANGED = 2;

export class World {
  #reader = new ByteReader();

  /** Tick of the last snapshot; -1 before the first. */
  tick = -1;
  /** `seq` of the last input that it takes into account; -1 if none was. */
  ack = -1;
  /**
   * By how many seconds that input was early for its tick, negative if it was late; null if it was for none.
   *
   * @type {number | null}
   */
  margin = null;
  /** Whether it began anew instead of building on the one before. */
  keyframe = false;
  /** What happened up to it. @type {GameEvent[]} */
  events = [];
  /** False until the first keyframe, and after an error. */
  ready = false;

  /** @param {import("../types.js").TableSchema[]} schemas `joined.schema.tables` */
  constructor(schemas) {
    this.tables = schemas.map((schema) => new WorldTable(schema));
  }

  /**
   * @param {string} name
   * @returns {WorldTable | undefined}
   */
  table(name) {
    return this.tables.find((table) => table.name === name);
  }

  /**
   * Bring the world up to date. A SnapshotError leaves it empty, and of no use until the next keyframe: join again.
   *
   * @param {Uint8Array} bytes a whole message
   * @param {number} [from] where the flags are, after the first byte, which says that this is a snapshot
   */
  apply(bytes, from = 1) {
    try {
      this.#apply(bytes, from);
    } catch (error) {
      for (const table of this.tables) table.clear();
      this.events = [];
      this.ready = false;
      throw error;
    }
  }

  /**
   * @param {Uint8Array} bytes
   * @param {number} from
   */
  #apply(bytes, from) {
    const reader = this.#reader;
    reader.open(bytes, from);
    const flags = reader.byte();
    const tick = reader.varint();
    const ack = reader.varint() - 1;
    const margin = (flags & MARGIN) === 0 ? null : reader.zigzag() / 1000;
    if (this.events.length > 0) this.events = [];
    this.keyframe = (flags & KEYFRAME) !== 0;
    // Rows that come in full are overwritten anyway, and only later do new ones appear: move all that are known now.
    if (!this.keyframe && !this.ready) throw new SnapshotError("The first snapshot must be a keyframe.");
    this.ready = true;
    for (const table of this.tables) this.keyframe ? table.clear() : table.predict();
    while (!reader.done) {
      const head = reader.varint();
      const table = this.tables[Math.floor(head / 4)];
      const kind = head % 4;
      if (head === 3) {
        this.events = readEvents(bytes, reader.at);
        break;
      }
      if (!table) throw new SnapshotError("There is no such table.");
      if (kind === REMOVED) table.readRemoved(reader);
      else if (kind === FULL) table.readFull(reader);
      else if (kind === CHANGED) table.readChanged(reader);
      else throw new SnapshotError("There is no such section.");
    }
    this.tick = tick;
    this.ack = ack;
    this.margin = margin;
  }

  /**
   * A row as plain data.
   *
   * @param {string} table
   * @param {string} id
   * @param {Record<string, any>} [into] an object to be filled instead of a new one
   * @returns {Record<string, any> | null} null if there is no such row
   */
  entity(table, id, into = {}) {
    const found = this.table(table);
    const row = found ? found.find(id) : -1;
    return found && row >= 0 ? found.plainRow(row, into) : null;
  }

  /** Everything as plain data, as the server's own `world.plain()`: fields of single tables, and rows by id. */
  plain() {
    /** @type {Record<string, any>} */
    const all = {};
    for (const table of this.tables) {
      if (!table.single) all[table.name] = table.plain();
      else if (table.count > 0) table.plainRow(0, all);
    }
    return all;
  }
}

/**
 * @param {Uint8Array} bytes
 * @param {number} at
 * @returns {GameEvent[]}
 */
function readEvents(bytes, at) {
  let list;
  try {
    list = decode(bytes, at);
  } catch (error) {
    if (error instanceof MessagePackError) throw new SnapshotError(`The events cannot be read: ${error.message}.`);
    throw error;
  }
  if (!Array.isArray(list)) throw new SnapshotError("The events are no list.");
  return list.map((event) => {
    if (!Array.isArray(event) || typeof event[0] !== "number" || typeof event[1] !== "string")
      throw new SnapshotError("An event is no tick, name and data.");
    return { tick: event[0], name: event[1], data: event[2] ?? {} };
  });
}
