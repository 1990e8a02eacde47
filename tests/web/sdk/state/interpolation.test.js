import assert from "node:assert/strict";
import { test } from "node:test";
import { blendAngle, Interpolation } from "../../../../src/rumpus/web/sdk/state/interpolation.js";

const MOTIONS = {
  ships: { blend: ["x", "y"], angles: ["angle"], velocity: ["vx", "vy"], snap: 100, breaks: ["alive"] },
};

/** @param {any} ships */
const state = (ships) => ({ ships });

/**
 * Ten snapshots a second, arriving without delay: the picture settles two intervals behind.
 *
 * @param {any[]} states
 */
function fill(states) {
  const smooth = new Interpolation(MOTIONS, { tickRate: 10, sendRate: 10 });
  states.forEach((ships, tick) => smooth.push(tick, state(ships), tick / 10));
  return smooth;
}

/** The picture at a tick, in a fresh buffer. */
const at = (states, tick) => fill(states).sample((tick + 2) / 10);

const ship = (x, more = {}) => ({ x, y: 0, angle: 0, vx: 100, vy: 0, alive: true, name: "Ann", ...more });

test("positions lie in between the snapshots", () => {
  const view = at([{ a: ship(0) }, { a: ship(10) }, { a: ship(20) }], 1.5);
  assert.equal(view.tick, 1);
  assert.ok(Math.abs(view.entities.ships.get("a").x - 15) < 1e-6);
  assert.equal(view.entities.ships.get("a").name, "Ann");
});

test("angles turn by the shorter way", () => {
  assert.ok(Math.abs(blendAngle(3, -3, 0.5) - Math.PI) < 1e-9);
  assert.ok(Math.abs(blendAngle(-3, 3, 0.5) + Math.PI) < 1e-9);
  assert.ok(Math.abs(blendAngle(0.2, 0.6, 0.5) - 0.4) < 1e-9);
});

test("a teleport and a return to life are jumps", () => {
  assert.equal(at([{ a: ship(0) }, { a: ship(500) }], 0.5).entities.ships.get("a").x, 0);
  assert.equal(at([{ a: ship(0, { alive: false }) }, { a: ship(50) }], 0.5).entities.ships.get("a").x, 0);
});

test("entities come with their snapshot and go with theirs, flying on until then", () => {
  const states = [{ a: ship(0) }, { a: ship(10), b: ship(7) }, { b: ship(17) }];
  assert.equal(at(states, 0.9).entities.ships.has("b"), false);
  assert.equal(at(states, 1.1).entities.ships.has("b"), true);
  assert.ok(Math.abs(at(states, 1.3).entities.ships.get("a").x - 13) < 1e-6);
  assert.equal(at(states, 1.51).entities.ships.has("a"), false);
  assert.equal(at(states, 2).entities.ships.has("a"), false);
});

test("without a later snapshot things move on for a moment only", () => {
  const states = [{ a: ship(0) }, { a: ship(10) }];
  assert.ok(Math.abs(at(states, 1.5).entities.ships.get("a").x - 15) < 1e-6);
  assert.ok(Math.abs(at(states, 4).entities.ships.get("a").x - 35) < 1e-6);
});

test("events wait for the picture", () => {
  const smooth = fill([{}, {}, {}, {}, {}]);
  smooth.schedule({ tick: 2, name: "hit", data: {} });
  assert.equal(smooth.sample(0.35).events.length, 0);
  assert.equal(smooth.sample(0.401).events.length, 1);
  assert.equal(smooth.sample(0.41).events.length, 0);
});

test("events may be told out of order, and between ticks", () => {
  const smooth = fill([{}, {}, {}, {}, {}]);
  for (const [name, tick] of Object.entries({ late: 2, early: 1.25, later: 2, between: 1.5 }))
    smooth.schedule({ tick, name, data: {} });
  const shown = (now) => smooth.sample(now).events.map(({ name }) => name);
  assert.deepEqual(shown(0.33), ["early"]);
  assert.deepEqual(shown(0.41), ["between", "late", "later"]);
});

test("whoever dies and lives again elsewhere is never drawn in between", () => {
  const dead = { x: 20, y: 0, alive: false };
  const states = [{ a: ship(10) }, { a: ship(20) }, { a: ship(20, dead) }, { a: ship(80) }, { a: ship(90) }];
  for (let tick = 0; tick <= 4; tick += 0.05) {
    const { x } = at(states, tick).entities.ships.get("a");
    assert.ok(x <= 20 + 1e-9 || x >= 80 - 1e-9, `${x} at ${tick}`);
  }
});

test("the view tells which moment it shows, and no later one than it can", () => {
  const smooth = fill([{ a: ship(0) }, { a: ship(10) }, { a: ship(20) }]);
  assert.ok(Math.abs(smooth.sample(0.35).playhead - 1.5) < 1e-6);
  assert.ok(Math.abs(smooth.lead - 0.05) < 1e-6);
  assert.equal(smooth.delay, 0.2);
  // A quarter of a second after the last snapshot everything stands still.
  assert.ok(Math.abs(fill([{}, {}]).sample(1.5).playhead - 3.5) < 1e-6);
  // Before its first snapshot there is nothing else to show than that.
  assert.equal(fill([{ a: ship(0) }]).sample(0.05).playhead, 0);
});

test("an underrun is counted when it ends, once", () => {
  const smooth = new Interpolation(MOTIONS, { tickRate: 10, sendRate: 10 });
  for (let tick = 0; tick < 10; tick += 1) {
    smooth.push(tick, state({}), tick / 10);
    smooth.sample(tick / 10);
  }
  assert.equal(smooth.underruns, 0);
  for (let now = 0.9; now < 1.8; now += 0.02) smooth.sample(now);
  assert.ok(smooth.lead < 0);
  assert.equal(smooth.underruns, 0);
  smooth.push(10, state({}), 1.8);
  smooth.push(11, state({}), 1.8);
  // Still beyond it: the same underrun.
  const long = smooth.sample(1.81).playhead;
  smooth.push(16, state({}), 1.82);
  assert.ok(smooth.sample(1.82).playhead < 16 && long > 9);
  assert.equal(smooth.underruns, 1);
  // The end of a match is none.
  for (let now = 1.8; now < 5; now += 0.02) smooth.sample(now);
  smooth.reset();
  smooth.push(0, state({}), 6);
  assert.equal(smooth.underruns, 1);
});

test("a tick that goes back begins a new match", () => {
  const smooth = fill([{ a: ship(0) }, { a: ship(10) }, { a: ship(20) }]);
  smooth.sample(0.3);
  smooth.push(0, state({ z: ship(99) }), 0.4);
  const view = smooth.sample(0.5);
  assert.deepEqual([...view.entities.ships.keys()], ["z"]);
});
