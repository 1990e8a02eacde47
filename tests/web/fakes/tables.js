/** A schema of tables with every kind of column, and random rows for it. */
import { plainValue } from "./snapshot-encoder.js";

export const fixed = (name, more = {}) => ({
  name,
  type: "fixed",
  step: 1 / 8,
  min: 0,
  max: 4096,
  bytes: 2,
  moves: false,
  ...more,
});
export const int = (name, more = {}) => ({ name, type: "int", min: 0, max: 200, bytes: 1, moves: false, ...more });
export const angle = (name, more = {}) => ({ name, type: "angle", bits: 8, bytes: 1, moves: false, ...more });
export const flag = (name) => ({ name, type: "flag" });
export const text = (name) => ({ name, type: "text" });
export const choice = (name, ...of) => ({ name, type: "choice", of, bytes: 1, moves: false });
export const table = (name, columns, more = {}) => ({ name, key: null, single: false, columns, ...more });

export const SCHEMA = [
  table("match", [fixed("time_left", { step: 1 / 30, max: 3600, bytes: 3, moves: true }), int("wave")], {
    single: true,
  }),
  table("players", [
    fixed("x", { moves: true }),
    fixed("y", { moves: true }),
    angle("angle"),
    angle("spin", { bits: 10, bytes: 2, moves: true }),
    int("score", { min: -1000, max: 1000, bytes: 2 }),
    int("odometer", { max: 2 ** 32 - 1, bytes: 4, moves: true }),
    choice("team", "", "red", "blue"),
    flag("alive"),
    text("title"),
  ]),
  table("bullets", [fixed("x", { moves: true }), fixed("y", { moves: true }), text("owner")], { key: "b" }),
  table(
    "wide",
    Array.from({ length: 48 }, (_, index) =>
      index % 3 ? int(`c${index}`, { moves: index % 2 === 0 }) : flag(`c${index}`),
    ),
    { key: "w" },
  ),
];

/** How many values a column has. */
const values = (column) => {
  if (column.type === "flag") return 2;
  if (column.type === "choice") return column.of.length;
  if (column.type === "angle") return 2 ** column.bits;
  return Math.round((column.max - column.min) / (column.step ?? 1)) + 1;
};

export function randomCell(column, random, before) {
  if (column.type === "text") return random.one(["", "a", "Zoë", "x".repeat(255), "🎮"]);
  const most = values(column) - 1;
  // Small steps as well as jumps, and both ends of the range.
  if (before !== undefined && random.share() < 0.7) return Math.max(0, Math.min(most, before + random.whole(-40, 40)));
  return random.share() < 0.1 ? random.one([0, most]) : random.whole(0, most);
}

/** Rows as `world.plain()` shows them. */
export function plainOf(schema, rows) {
  const state = {};
  for (const { name, key, single, columns } of schema) {
    const entries = [...(rows[name] ?? new Map())].map(([id, cells]) => [
      key === null ? id : `${key}${id}`,
      Object.fromEntries(columns.map((column, at) => [column.name, plainValue(column, cells[at])])),
    ]);
    if (single) Object.assign(state, entries[0]?.[1]);
    else state[name] = Object.fromEntries(entries);
  }
  return state;
}

/** Worlds that change by chance, one after the other, for as long as one asks. */
export function* randomRows(random) {
  const rows = Object.fromEntries(SCHEMA.map(({ name }) => [name, new Map()]));
  let next = 1;
  for (;;) {
    for (const { name, key, single, columns } of SCHEMA) {
      const all = rows[name];
      for (const [id, cells] of all) {
        if (!single && random.share() < 0.1) all.delete(id);
        else
          all.set(
            id,
            cells.map((cell, at) =>
              random.share() < 0.5
                ? cell
                : randomCell(columns[at], random, columns[at].type === "text" ? undefined : cell),
            ),
          );
      }
      const fresh = single ? 1 - all.size : random.share() < 0.05 ? 20 : random.whole(0, 2);
      for (let count = 0; count < fresh; count += 1)
        all.set(
          key === null ? (single ? "" : `p${next++}`) : next++,
          columns.map((column) => randomCell(column, random)),
        );
    }
    yield rows;
  }
}
