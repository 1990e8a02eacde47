import assert from "node:assert/strict";
import { test } from "node:test";
import { TickClock } from "../../../../src/rumpus/web/sdk/prediction/tick-clock.js";
import { generator } from "../../fakes/random.js";

const RATE = 30;
/** Local time of the server's tick 0. */
const ZERO = 0.5;

/**
 * A clock that sends one input each tick, whose way up takes `way(tick)` seconds; way down: 40 ms.
 *
 * @param {(tick: number) => number} way
 */
function run(way, { from = 0, to = 30, clock = new TickClock(RATE), rtt = 0.08, late = () => 0 } = {}) {
  const margins = [];
  const ticks = [];
  const origins = [];
  const waiting = [];
  let arrived = 0;
  let heard = Math.ceil((from - ZERO) * RATE);
  for (let now = from; now < to; now += 0.002) {
    while (ZERO + heard / RATE + 0.04 <= now) {
      clock.heard(heard, now);
      // In order: nothing overtakes what waits.
      while (waiting.length > 0 && waiting[0].used <= heard) {
        const { seq, margin } = waiting.shift();
        clock.acknowledged(seq, margin, now);
      }
      heard += 1;
    }
    clock.advance(now, rtt);
    origins.push({ now, origin: clock.origin });
    const count = clock.take(now - late(now));
    for (let tick = clock.tick - count + 1; tick <= clock.tick; tick += 1) {
      ticks.push(tick);
      clock.sent(tick + 1);
      arrived = Math.max(arrived, now + way(tick));
      const margin = Math.round((ZERO + tick / RATE - arrived) * 1000) / 1000;
      margins.push({ tick, now, margin });
      waiting.push({ seq: tick + 1, margin, used: tick + Math.max(0, Math.ceil(-margin * RATE)) });
    }
  }
  return { clock, margins, ticks, origins };
}

test("it knows nothing before the first snapshot and the round trip", () => {
  const clock = new TickClock(RATE);
  clock.advance(1, 0.1);
  assert.equal(clock.ready, false);
  assert.equal(clock.take(1), 0);
  assert.ok(Number.isNaN(clock.tickTime(1)));
  clock.heard(10, 1);
  clock.advance(1, 0);
  assert.equal(clock.ready, false);
  clock.advance(1, 0.1);
  assert.equal(clock.ready, true);
  // The snapshot was on its way for 50 ms, an input will be, and 20 ms are to spare.
  assert.ok(Math.abs(clock.tickTime(1) - (10 + 0.12 * RATE)) < 1e-9);
  assert.ok(Math.abs(clock.lead(0.1) - 0.07) < 1e-9);
});

test("on a quiet line inputs come a few milliseconds early, and never late", () => {
  const random = generator(1);
  const { margins } = run(() => 0.02 + random.share() * 0.001);
  assert.ok(margins.every(({ margin }) => margin >= 0));
  const settled = margins.filter(({ now }) => now > 5).map(({ margin }) => margin);
  assert.ok(Math.max(...settled) < 0.02, `${Math.max(...settled)} s early`);
});

test("the way up is measured, not taken for half of the round trip", () => {
  // 10 ms up where the round trip says 40, and 150 ms where it says 40.
  for (const way of [0.01, 0.15]) {
    const { margins } = run(() => way);
    const settled = margins.filter(({ now }) => now > 15).map(({ margin }) => margin);
    assert.ok(Math.min(...settled) >= 0 && Math.max(...settled) < 0.02, `${Math.min(...settled)} to ${Math.max(...settled)}`);
  }
});

test("jitter is waited for, stalls are not", () => {
  const random = generator(2);
  const jitter = () => 0.05 + (random.share() * 2 - 1) * 0.015;
  const calm = run(jitter, { to: 60 });
  assert.ok(calm.margins.filter(({ margin, now }) => now > 2 && margin < 0).length <= 2);
  let until = 0;
  let next = 5;
  const stalling = (tick) => {
    const now = tick / RATE;
    if (now > next) [until, next] = [now + 0.16, now + 4 + random.share() * 8];
    return now < until ? until - now + 0.05 : jitter();
  };
  const { margins, clock } = run(stalling, { to: 120 });
  const late = margins.filter(({ margin }) => margin < 0).length / margins.length;
  assert.ok(late > 0 && late < 0.025, `${late} late`);
  assert.ok(Math.abs(clock.origin - calm.clock.origin) < 0.012);
});

test("every tick is run once, in order, whatever the jitter", () => {
  const random = generator(3);
  const { ticks, clock } = run(() => 0.05 + random.share() * 0.03, { late: () => random.share() * 0.01 });
  for (let index = 1; index < ticks.length; index += 1) assert.equal(ticks[index], ticks[index - 1] + 1);
  assert.equal(clock.jumps <= 1, true);
});

test("it is moved by a tenth at most, sooner when inputs are late than when they are early", () => {
  // At 10 s the way up takes 100 ms more, at 30 s no more.
  const { origins, margins } = run((tick) => (tick > 300 && tick < 900 ? 0.12 : 0.02), { to: 60 });
  for (let index = 1; index < origins.length; index += 1) {
    const [before, after] = [origins[index - 1], origins[index]];
    // The first margins of a match make it jump.
    if (before.now < 3) continue;
    assert.ok(Math.abs(after.origin - before.origin) <= 0.1 * (after.now - before.now) + 1e-12);
  }
  const late = margins.filter(({ margin, now }) => now > 3 && margin < 0);
  assert.ok(late.at(-1).now < 13, `late until ${late.at(-1).now}`);
  assert.ok(margins.at(-1).margin < 0.02);
});

test("when it is off by more than ten ticks it jumps: forward over ticks, back to wait for them", () => {
  // The server stops for a second: its ticks come later from then on.
  const clock = new TickClock(RATE);
  clock.heard(0, 10);
  clock.advance(10, 0.05);
  const first = clock.take(10.1);
  assert.ok(first > 0);
  const { tick } = clock;
  const feed = (shift, from) => {
    for (let seq = from; seq < from + 100; seq += 1) {
      clock.sent(seq);
      clock.acknowledged(seq, 0.02 + shift, 11 + seq / 30);
      clock.advance(11 + seq / 30, 0.05);
    }
  };
  feed(0, 1);
  const { origin } = clock;
  // All inputs are suddenly half a second late.
  feed(-0.5, 101);
  assert.ok(clock.jumps > 0);
  assert.ok(clock.origin < origin - 0.4);
  const now = 11 + 200 / 30;
  clock.take(now);
  assert.ok(clock.tick > tick + 14);
  assert.equal(clock.take(now), 0);
  // And then half a second early: the ticks that were run are not run again.
  feed(1, 201);
  for (let after = 18; after < 30; after += 0.1) {
    const before = clock.tick;
    const count = clock.take(after);
    assert.equal(clock.tick, before + count);
  }
});

test("a new match begins with what was learned of the way in the last", () => {
  const { clock } = run(() => 0.15, { to: 20 });
  const ahead = clock.lead(0.08);
  clock.reset();
  assert.equal(clock.ready, false);
  assert.equal(clock.tick, -1);
  clock.heard(0, 100);
  clock.advance(100, 0);
  assert.ok(Math.abs(clock.lead(0.08) - ahead) < 0.002);
});

test("acknowledgements of unknown inputs, and repeated ones, say nothing", () => {
  const clock = new TickClock(RATE);
  clock.heard(0, 1);
  clock.advance(1, 0.1);
  const { origin } = clock;
  clock.acknowledged(7, -5, 1);
  clock.sent(8);
  clock.acknowledged(8, 0.02, 1);
  for (let index = 0; index < 100; index += 1) clock.acknowledged(8, -5, 1 + index / 100);
  clock.advance(2, 0.1);
  assert.ok(Math.abs(clock.origin - origin) <= 0.1);
});

test("when the server has stood still every tick is later, and what was learned of the way still holds", () => {
  const { clock, margins } = run(() => 0.03, { to: 20 });
  const before = margins.at(-1).margin;
  const { tick } = clock;
  clock.stoodStill(45, 20);
  assert.equal(clock.tick, tick - 45);
  assert.equal(clock.take(20), 0);
  assert.ok(clock.take(20.034) <= 1);
  assert.ok(clock.take(20.067) <= 1);
  assert.ok(clock.tick > tick - 45);
  // A margin of an input of before may be of either time, so it says nothing.
  const { origin } = clock;
  clock.acknowledged(tick, -3, 20.05);
  clock.advance(20.1, 0.08);
  assert.ok(Math.abs(clock.origin - origin) < 0.01);
  assert.ok(before >= 0);
});

test("while nothing is heard it goes on for a second, and then makes up for it at once", () => {
  const { clock } = run(() => 0.03, { to: 20 });
  const { tick } = clock;
  let ran = 0;
  for (let now = 20; now < 25; now += 0.01) {
    clock.advance(now, 0.08);
    ran += clock.take(now);
  }
  assert.ok(ran >= RATE && ran <= RATE + 3, `${ran} ticks`);
  // The network has held back what comes now: time has gone on.
  clock.heard(tick + 5 * RATE, 25);
  assert.ok(Math.abs(ran + clock.take(25) - 5 * RATE) <= 1);
});

test("an error of the clock is not carried into the next match", () => {
  const { clock } = run(() => 0.03, { to: 20 });
  // All snapshots of the last seconds came five seconds late.
  for (let tick = 600; tick < 900; tick += 1) clock.heard(tick, tick / RATE + 5.6);
  clock.reset();
  clock.heard(0, 100);
  // It is found out as at the very first.
  clock.advance(100, 0);
  assert.ok(!clock.ready);
  clock.advance(100, 0.08);
  assert.ok(clock.ready);
  assert.ok(Math.abs(clock.lead(0.08)) < 0.2, `${clock.lead(0.08)} s ahead`);
});
