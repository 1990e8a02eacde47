import assert from "node:assert/strict";
import { test } from "node:test";
import { Backoff } from "../../src/rumpus/web/sdk/backoff.js";
import { Clock } from "../../src/rumpus/web/sdk/clock.js";
import { Playhead } from "../../src/rumpus/web/sdk/playhead.js";

test("waits grow up to a longest one, and at least half of each is sure", () => {
  const low = new Backoff({ first: 1, factor: 2, longest: 5, random: () => 0 });
  const high = new Backoff({ first: 1, factor: 2, longest: 5, random: () => 1 });
  assert.deepEqual([low.next(), low.next(), low.next(), low.next()], [0.5, 1, 2, 2.5]);
  assert.deepEqual([high.next(), high.next(), high.next(), high.next()], [1, 2, 4, 5]);
  assert.equal(high.attempt, 4);
  high.reset();
  assert.equal(high.next(), 1);
});

test("the clock takes the median round trip and trusts the quickest pong", () => {
  const clock = new Clock();
  // The server's clock is 100 s ahead; the second pong was held up on its way back.
  clock.pong(0, 100.02, 0.04);
  clock.pong(1, 101.02, 1.9);
  clock.pong(2, 102.02, 2.04);
  assert.ok(Math.abs(clock.rtt - 0.04) < 1e-9);
  assert.ok(Math.abs(clock.offset - 100) < 1e-9);
  assert.ok(Math.abs(clock.serverTime(3) - 103) < 1e-9);
});

/**
 * Run a playhead for some seconds of even frames.
 *
 * @param {(index: number) => number} lateness of each snapshot in seconds
 */
function run(lateness) {
  const playhead = new Playhead(1 / 30);
  const arrivals = Array.from({ length: 300 }, (_, index) => ({
    time: index / 30,
    at: 50 + index / 30 + lateness(index),
  }));
  arrivals.sort((a, b) => a.at - b.at);
  const shown = [];
  let next = 0;
  let newest = 0;
  for (let now = 50; now < 59.9; now += 1 / 60) {
    while (next < arrivals.length && arrivals[next].at <= now) {
      newest = arrivals[next].time;
      playhead.arrived(newest, arrivals[next].at, 1 / 30);
      next += 1;
    }
    if (next > 0) shown.push({ now, time: playhead.sample(now), newest });
  }
  return { playhead, shown };
}

test("at rest the picture runs two send intervals behind", () => {
  const { playhead, shown } = run(() => 0);
  assert.ok(Math.abs(playhead.delay - 2 / 30) < 0.002);
  const last = shown.at(-1);
  assert.ok(Math.abs(last.now - 50 - last.time - 2 / 30) < 0.005);
});

test("with jitter it runs further behind, far enough to have a later snapshot nearly always", () => {
  const { playhead, shown } = run((index) => ((index * 7919) % 100) / 1000);
  assert.ok(playhead.delay > 0.1);
  const settled = shown.filter(({ now }) => now > 54);
  const starved = settled.filter(({ time, newest }) => time > newest).length;
  assert.ok(starved / settled.length < 0.05, `${starved} of ${settled.length}`);
});

test("it never runs backwards, and never faster than an eighth too fast", () => {
  const { shown } = run((index) => (index > 150 ? 0.06 : 0));
  for (let index = 1; index < shown.length; index += 1) {
    const step = (shown[index].time - shown[index - 1].time) * 60;
    assert.ok(step > 0.86 && step < 1.14, `step of ${step}`);
  }
});
