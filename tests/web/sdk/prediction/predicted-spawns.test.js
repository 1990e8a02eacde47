import assert from "node:assert/strict";
import { test } from "node:test";
import { PredictedSpawns } from "../../../../src/rumpus/web/sdk/prediction/predicted-spawns.js";

const RATE = 30;
const FRAME = 1 / 60;
const near = (actual, expected, by = 1e-9) => assert.ok(Math.abs(actual - expected) < by, `${actual} is not ${expected}`);

/** Fired in tick 100 at what was seen in tick 92, 300 units a second. */
const SHOT = { key: 100, tick: 100, seen: 92, x: 10, y: 0, vx: 300, vy: 0 };

/** The server's row of a shot as the picture has it, from the tick on in which it was fired. */
const rowAt = (playhead, { tick = 100, seen = 92, x = 10, vx = 300 } = {}) =>
  playhead >= tick ? { x: x + (vx * (playhead - seen)) / RATE, y: 0 } : null;

/**
 * Frame by frame, from the press on: what is drawn of a shot, predicted or the server's.
 *
 * @param {(playhead: number) => {x: number, y: number} | null} row
 */
function fly(row, { spawn = SHOT, to = 120, key = 100 % 256, options = {}, begin = spawn.seen } = {}) {
  const shots = new PredictedSpawns({ tickRate: RATE, modulo: 256, ...options });
  shots.add(spawn);
  const seen = [];
  for (let frame = 0; begin + frame * FRAME * RATE < to; frame += 1) {
    const playhead = begin + frame * FRAME * RATE;
    const entity = row(playhead);
    const own = entity ? [["b1", key, entity]] : [];
    const { drawn, hidden } = shots.update(own, playhead, frame * FRAME);
    const places = drawn.map(({ x }) => x);
    if (entity && !hidden.has("b1")) places.push(entity.x);
    seen.push({ playhead, places });
  }
  return { shots, seen };
}

test("a shot leaves the muzzle at the press, and becomes the server's without a jump", () => {
  const { seen, shots } = fly(rowAt);
  for (const { playhead, places } of seen) {
    assert.equal(places.length, 1, `at ${playhead}`);
    near(places[0], 10 + (300 * (playhead - 92)) / RATE);
  }
  assert.equal(shots.unconfirmed, 0);
  assert.equal(shots.drawn.length, 0);
});

test("keys may be cut off, as a small column does", () => {
  const spawn = { ...SHOT, key: 1000, tick: 1000, seen: 992 };
  const { seen } = fly((playhead) => rowAt(playhead, spawn), { spawn, to: 1015, key: 1000 % 256 });
  for (const { places } of seen) assert.equal(places.length, 1);
});

test("where the server has another start the difference fades", () => {
  const { seen } = fly((playhead) => rowAt(playhead, { x: 4 }));
  for (let index = 1; index < seen.length; index += 1) {
    assert.equal(seen[index].places.length, 1);
    const way = seen[index].places[0] - seen[index - 1].places[0];
    assert.ok(way > 2 && way < 5.01, `${way} in a frame, at ${seen[index].playhead}`);
  }
  near(seen.at(-1).places[0], rowAt(seen.at(-1).playhead, { x: 4 }).x, 0.05);
});

test("a late input's shot is the same shot", () => {
  const late = { tick: 102, seen: 94 };
  const { seen } = fly((playhead) => rowAt(playhead, late));
  for (const { places } of seen) assert.equal(places.length, 1);
});

test("what the server never confirms ends soon after its tick", () => {
  const { seen, shots } = fly(() => null);
  for (const { playhead, places } of seen) assert.equal(places.length, playhead <= 103 ? 1 : 0);
  assert.equal(shots.unconfirmed, 1);
});

test("it ends when the server's row does, however short that was there", () => {
  const { seen } = fly((playhead) => (playhead < 101 ? rowAt(playhead, { x: 4 }) : null));
  for (const { playhead, places } of seen) assert.equal(places.length, playhead < 101 ? 1 : 0);
});

test("it ends at the wall that was known beforehand", () => {
  const { seen } = fly(() => null, { spawn: { ...SHOT, life: 0.1 } });
  for (const { playhead, places } of seen) assert.equal(places.length, playhead <= 95 + 1e-9 ? 1 : 0);
});

test("ended by hand, the server's row is shown if it comes all the same", () => {
  const shots = new PredictedSpawns({ tickRate: RATE, modulo: 256 });
  shots.add(SHOT);
  shots.update([], 93, 0);
  shots.end(100);
  assert.equal(shots.update([], 94, 0.1).drawn.length, 0);
  const { drawn, hidden } = shots.update([["b1", 100, rowAt(100)]], 100, 0.2);
  assert.deepEqual([drawn.length, hidden.size], [0, 0]);
});

test("with a cap on rewinding the flight is stretched: out of the muzzle at once, and to the server's place in time", () => {
  // The playhead was at 88 when the input was made; the server rewinds to 92 only. And the other way round.
  for (const begin of [88, 94]) {
    const { seen } = fly(rowAt, { begin });
    near(seen[0].places[0], 10);
    for (let index = 1; index < seen.length; index += 1) {
      const way = seen[index].places[0] - seen[index - 1].places[0];
      assert.ok(way > 2.5 && way < 7, `${way} in a frame, at ${seen[index].playhead}`);
    }
    near(seen.at(-1).places[0], rowAt(seen.at(-1).playhead).x);
  }
});

test("of several each finds its own row", () => {
  const shots = new PredictedSpawns({ tickRate: RATE, modulo: 256, fade: 0.1 });
  for (const tick of [100, 102, 104]) shots.add({ ...SHOT, key: tick, tick, seen: tick - 8, y: tick });
  shots.update([], 96, 0);
  const own = [102, 100].map((tick) => [`b${tick}`, tick, { ...rowAt(103, { tick, seen: tick - 8 }), y: tick + 1 }]);
  const { drawn, hidden } = shots.update(own, 103, 0.01);
  const found = Object.fromEntries(drawn.map(({ key, id }) => [key, id]));
  assert.deepEqual(found, { 100: "b100", 102: "b102", 104: null });
  assert.deepEqual([...hidden].sort(), ["b100", "b102"]);
  shots.clear();
  assert.equal(shots.update(own, 103, 0.02).drawn.length, 0);
});
