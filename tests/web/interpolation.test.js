import assert from "node:assert/strict";
import { test } from "node:test";
import { blendAngle, Interpolation } from "../../src/rumpus/web/sdk/interpolation.js";

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
  assert.equal(at(states, 2).entities.ships.has("a"), false);
});

test("without a later snapshot things move on for a moment only", () => {
  const states = [{ a: ship(0) }, { a: ship(10) }];
  assert.ok(Math.abs(at(states, 1.5).entities.ships.get("a").x - 15) < 1e-6);
  assert.ok(Math.abs(at(states, 4).entities.ships.get("a").x - 22) < 1e-6);
});

test("events wait for the picture", () => {
  const smooth = fill([{}, {}, {}, {}, {}]);
  smooth.schedule({ tick: 2, name: "hit", data: {} });
  assert.equal(smooth.sample(0.35).events.length, 0);
  assert.equal(smooth.sample(0.401).events.length, 1);
  assert.equal(smooth.sample(0.41).events.length, 0);
});

test("a tick that goes back begins a new match", () => {
  const smooth = fill([{ a: ship(0) }, { a: ship(10) }, { a: ship(20) }]);
  smooth.sample(0.3);
  smooth.push(0, state({ z: ship(99) }), 0.4);
  const view = smooth.sample(0.5);
  assert.deepEqual([...view.entities.ships.keys()], ["z"]);
});
