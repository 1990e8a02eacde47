import assert from "node:assert/strict";
import { test } from "node:test";
import { Playhead } from "../../../../src/rumpus/web/sdk/state/playhead.js";
import { LINKS } from "../../fakes/link-model.js";
import { watch } from "../../fakes/playhead-model.js";

/**
 * Run a playhead for some seconds of even frames.
 *
 * @param {(index: number) => number} lateness of each snapshot in seconds
 * @param {number} [count] of snapshots
 */
function run(lateness, count = 300) {
  const playhead = new Playhead(1 / 30);
  const arrivals = Array.from({ length: count }, (_, index) => ({
    time: index / 30,
    at: 50 + index / 30 + lateness(index),
  }));
  arrivals.sort((a, b) => a.at - b.at);
  const shown = [];
  let next = 0;
  let newest = 0;
  for (let now = 50; now < 49.9 + count / 30; now += 1 / 60) {
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

test("it never runs backwards, corrects itself by an eighth, and goes slower for what is overdue", () => {
  const { shown } = run((index) => (index > 150 ? 0.06 : 0));
  for (let index = 1; index < shown.length; index += 1) {
    const step = (shown[index].time - shown[index - 1].time) * 60;
    assert.ok(step > 0.24 && step < 1.14, `step of ${step}`);
    // With plenty in hand it corrects itself, and does no more than that.
    if (shown[index].newest - shown[index - 1].time > 0.12) assert.ok(step > 0.87, `step of ${step}`);
  }
});

test("at rest it is never slower, and on a quiet line nothing is ever missing", () => {
  for (const link of [LINKS.lan, LINKS.good, { ...LINKS.typical, stall: 0 }]) {
    const { underruns, spread, delay } = watch(link, { seconds: 120 });
    assert.equal(underruns, 0);
    assert.ok(spread < 0.005, `speeds vary by ${spread}`);
    assert.ok(delay < 0.075, `${delay} s behind`);
  }
});

test("stalls are ridden out for a little delay: not waited for, and hardly ever beyond the newest snapshot", () => {
  const typical = watch(LINKS.typical, { seconds: 1200 });
  assert.ok(typical.underruns <= 2, `${typical.underruns} a minute`);
  assert.ok(typical.delay < 0.12, `${typical.delay} s behind`);
  assert.ok(typical.slowest > 0.14);
  const bad = watch(LINKS.bad, { seconds: 1200 });
  assert.ok(bad.underruns <= 15, `${bad.underruns} a minute`);
  assert.ok(bad.delay < 0.2, `${bad.delay} s behind`);
});

test("a stall is forgotten when none has come for long", () => {
  const { playhead } = run((index) => (index > 100 && index < 106 ? 0.2 - (index - 101) / 30 : 0), 1200);
  assert.ok(playhead.delay < 0.067);
  const soon = run((index) => (index > 200 && index < 206 ? 0.2 - (index - 201) / 30 : 0));
  assert.ok(soon.playhead.delay > 0.1 && soon.playhead.delay < 0.12);
});

test("the picture is never older than what lag compensation reaches, whatever the network needs", () => {
  const playhead = new Playhead(1 / 30);
  let oldest = 0;
  for (let frame = 0; frame < 600; frame += 1) {
    const now = 50 + frame / 60;
    // Each snapshot is up to 200 ms late.
    if (frame % 2 === 0) playhead.arrived(frame / 60, now + ((frame * 7919) % 100) / 500, 1 / 30);
    const floor = frame / 60 - 0.1;
    const time = playhead.sample(now, floor);
    assert.ok(time >= floor);
    if (time === floor) oldest += 1;
  }
  assert.ok(playhead.delay > 0.15 && oldest > 300);
});
