/**
 * The server's side of binary snapshots, for tests: written after docs/protocol.md for clarity alone, and sharing no code
 * with what it tests but MessagePack.
 */
import { encode } from "../../../src/rumpus/web/sdk/net/msgpack.js";

/** @param {number} value @returns {number[]} */
export function varint(value) {
  const bytes = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
  return [...bytes, value];
}

export const zigzag = (value) => varint(value < 0 ? -2 * value - 1 : 2 * value);

export const text = (value) => {
  const bytes = new TextEncoder().encode(value);
  return [bytes.length, ...bytes];
};

/** Lowest byte first. */
export const whole = (value, size) =>
  Array.from({ length: size }, (_, index) => Math.floor(value / 256 ** index) % 256);

/** A message made by hand. */
export const message = (...bytes) => Uint8Array.from(bytes.flat());

const shorter = (difference, turn) => difference - Math.floor(difference / turn + 0.5) * turn;

const turnOf = (column) => (column.type === "angle" ? 2 ** column.bits : 0);

/** What a player's screen should show for an n. */
export function plainValue(column, n) {
  if (column.type === "fixed") return column.min + n * column.step;
  if (column.type === "angle") return n * ((2 * Math.PI) / 2 ** column.bits);
  if (column.type === "int") return column.min + n;
  if (column.type === "choice") return column.of[n];
  return column.type === "flag" ? n === 1 : n;
}

export class SnapshotEncoder {
  /** @param {any[]} schema `joined.schema.tables` */
  constructor(schema) {
    this.schema = schema;
    /** For each table what the client knows: by slot, or undefined. */
    this.known = schema.map(() => []);
  }

  /**
   * @param {Record<string, Map<string | number, any[]>>} rows by table the rows there are now: id to the n (or text) of
   *   each column
   * @param {{tick?: number, ack?: number, margin?: number | null, keyframe?: boolean, events?: any[], steps?: Record<string, number[]>}} [options]
   *   margin: milliseconds;
   *   steps: by table, first steps of new rows
   */
  snapshot(rows, { tick = 0, ack = 0, margin = null, keyframe = false, events = [], steps = {} } = {}) {
    const flags = (keyframe ? 1 : 0) + (margin === null ? 0 : 2);
    const bytes = [0xc1, flags, ...varint(tick), ...varint(ack)];
    if (margin !== null) bytes.push(...zigzag(margin));
    this.schema.forEach((table, index) => {
      if (keyframe) this.known[index] = [];
      const sections = this.#table(table, index, rows[table.name] ?? new Map(), steps[table.name]);
      sections.forEach((section, kind) => {
        if (section.length > 0) bytes.push(...varint(4 * index + kind), ...varint(section.length), ...section.flat());
      });
    });
    if (events.length > 0) bytes.push(3, ...encode(events));
    return Uint8Array.from(bytes);
  }

  #table(table, index, rows, firstSteps) {
    const known = this.known[index];
    const moving = table.columns.filter((column) => column.moves);
    const sections = [[], [], []];
    known.forEach((row, slot) => {
      if (!row || rows.has(row.id)) return;
      delete known[slot];
      sections[0].push(varint(slot));
    });
    const slots = new Map();
    known.forEach((row, slot) => slots.set(row.id, slot));
    for (const [id, values] of rows) {
      const slot = slots.get(id);
      if (slot !== undefined) {
        const changed = this.#changed(table, known[slot], values);
        if (changed) sections[2].push([...varint(slot), ...changed]);
        continue;
      }
      const free = Array.from({ length: known.length + 1 }, (_, at) => at).find((at) => !known[at]);
      const row = { id, values: [...values], steps: firstSteps ?? moving.map(() => 0) };
      row.steps = [...row.steps];
      known[free] = row;
      const head = table.single ? [] : table.key === null ? text(id) : varint(id);
      const cells = table.columns.map((column, at) => cell(column, values[at]));
      sections[1].push([...varint(free), ...head, ...cells.flat(), ...row.steps.flatMap(zigzag)]);
    }
    return sections;
  }

  #changed(table, row, values) {
    let mask = 0n;
    const corrections = [];
    let step = 0;
    table.columns.forEach((column, at) => {
      const turn = turnOf(column);
      const mine = column.moves ? step++ : -1;
      const old = row.values[at];
      let predicted = column.moves ? old + row.steps[mine] : old;
      if (turn && column.moves) predicted -= Math.floor(predicted / turn) * turn;
      row.values[at] = values[at];
      if (predicted !== values[at]) {
        mask |= 1n << BigInt(at);
        if (column.type === "text") corrections.push(...text(values[at]));
        else if (column.type !== "flag") {
          const difference = values[at] - predicted;
          corrections.push(...zigzag(turn ? shorter(difference, turn) : difference));
        }
      }
      if (!column.moves) return;
      row.steps[mine] = turn ? shorter(values[at] - old, turn) : values[at] - old;
      if (Math.abs(row.steps[mine]) > 1023) row.steps[mine] = 0;
    });
    return mask === 0n ? null : [...varint(Number(mask)), ...corrections];
  }
}

function cell(column, value) {
  if (column.type === "text") return text(value);
  return whole(value, column.bytes ?? 1);
}
