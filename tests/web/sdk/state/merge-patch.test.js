import assert from "node:assert/strict";
import { test } from "node:test";
import { mergePatch } from "../../../../src/rumpus/web/sdk/state/merge-patch.js";

// The examples of RFC 7396, appendix A.
const examples = [
  [{ a: "b" }, { a: "c" }, { a: "c" }],
  [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
  [{ a: "b" }, { a: null }, {}],
  [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
  [{ a: ["b"] }, { a: "c" }, { a: "c" }],
  [{ a: "c" }, { a: ["b"] }, { a: ["b"] }],
  [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
  [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
  [
    ["a", "b"],
    ["c", "d"],
    ["c", "d"],
  ],
  [{ a: "b" }, ["c"], ["c"]],
  [{ a: "foo" }, null, null],
  [{ a: "foo" }, "bar", "bar"],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [[1, 2], { a: "b", c: null }, { a: "b" }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
];

test("patches as RFC 7396 says", () => {
  for (const [target, patch, result] of examples) assert.deepEqual(mergePatch(target, patch), result);
});

test("leaves the old state as it was and shares what did not change", () => {
  const old = { players: { a: { x: 1 }, b: { x: 2 } }, map: { walls: [1, 2] } };
  const copy = structuredClone(old);
  const next = mergePatch(old, { players: { a: { x: 5 } } });
  assert.deepEqual(old, copy);
  assert.equal(next.map, old.map);
  assert.equal(next.players.b, old.players.b);
  assert.deepEqual(next.players.a, { x: 5 });
});

test("never touches a prototype", () => {
  const result = mergePatch({}, JSON.parse('{"__proto__": {"evil": 1}, "a": 1}'));
  assert.equal(result.evil, undefined);
  assert.deepEqual(result, { a: 1 });
});
