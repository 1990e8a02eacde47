import assert from "node:assert/strict";
import { test } from "node:test";
import { Standstill } from "../../../../src/rumpus/web/sdk/net/standstill.js";
import { generator } from "../../fakes/random.js";

const INTERVAL = 1 / 30;

/**
 * Snapshots of ticks, with the local time at which each arrives; returns what was noticed.
 *
 * @param {(tick: number) => number} arrival
 */
function hear(arrival, { from = 0, to = 600, standstill = new Standstill() } = {}) {
  const noticed = [];
  for (let tick = from; tick < to; tick += 1) {
    const seconds = standstill.heard(tick * INTERVAL, arrival(tick), INTERVAL);
    if (seconds > 0) {
      noticed.push({ tick, seconds });
      standstill.told(seconds);
    }
  }
  return noticed;
}

test("a server that was suspended is noticed within some snapshots, once, by how long it was", () => {
  const random = generator(3);
  const noticed = hear((tick) => 50 + tick * INTERVAL + random.share() * 0.01 + (tick >= 300 ? 4 : 0));
  assert.equal(noticed.length, 1);
  assert.equal(noticed[0].tick, 303);
  assert.ok(Math.abs(noticed[0].seconds - 4) < 0.03, `${noticed[0].seconds} s`);
});

test("what a network held back comes at once, and is none of the server's", () => {
  // Nothing for three seconds, then all of it within 50 ms.
  const held = (tick) => Math.max(50 + tick * INTERVAL, tick >= 300 && tick < 390 ? 63 + (tick - 300) * 0.0005 : 0);
  assert.deepEqual(hear(held), []);
  // Bit by bit, as a connection gathers speed: each heap is nearer to the present.
  const heaps = (tick) => Math.max(50 + tick * INTERVAL, tick >= 300 && tick < 390 ? 63 + Math.floor((tick - 300) / 30) * 0.03 : 0);
  assert.deepEqual(hear(heaps), []);
});

test("shorter ones are for the clocks to follow, and clocks that drift are followed", () => {
  assert.deepEqual(hear((tick) => 50 + tick * INTERVAL + (tick >= 300 ? 0.9 : 0)), []);
  // A second in ten minutes is more than any clock is off.
  assert.deepEqual(hear((tick) => 50 + tick * INTERVAL * (1 + 1 / 600), { to: 60_000 }), []);
});

test("what is told needs not be noticed, and a match begins without a past", () => {
  const standstill = new Standstill();
  hear((tick) => 50 + tick * INTERVAL, { to: 300, standstill });
  standstill.told(4);
  assert.deepEqual(hear((tick) => 54 + tick * INTERVAL, { from: 300, standstill }), []);
  standstill.reset();
  assert.deepEqual(hear((tick) => 90 + tick * INTERVAL, { standstill }), []);
});
