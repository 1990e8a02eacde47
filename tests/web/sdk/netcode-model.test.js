/** The SDK's pieces against a model of the server, over a model of the link, in virtual time. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { LINKS } from "../fakes/link-model.js";
import { play, step, TICK_RATE, wander } from "../fakes/model-server.js";

/** Whether the server used in each tick what the client had in force in it. */
function sameInputs({ server, stream }) {
  const wrong = [];
  for (let tick = server.tick - 100; tick <= server.tick; tick += 1)
    if (JSON.stringify(server.used[tick]) !== JSON.stringify(stream.at(tick))) wrong.push(tick);
  return wrong;
}

for (const name of ["lan", "good"])
  test(`on a ${name} link no input is late, and moving freely nothing is ever mispredicted`, () => {
    const me = play(LINKS[name], { seconds: 120 });
    assert.equal(me.server.late, 0);
    assert.equal(me.prediction.mispredictions, 0);
    assert.ok(me.server.tick > 3000 && me.ran.length > 3000);
    assert.deepEqual(sameInputs(me), []);
  });

test("with jitter alone nothing is late either, once the clock knows it", () => {
  let late = -1;
  const me = play(
    { ...LINKS.typical, stall: 0 },
    {
      seconds: 180,
      meddle: (server) => {
        if (server.tick === 10 * TICK_RATE) late = server.late;
      },
    },
  );
  assert.ok(me.server.late - late <= 1, `${me.server.late} late`);
});

test("stalls make inputs late and predictions wrong, and right again", () => {
  for (const [name, most] of [
    ["typical", 0.03],
    ["bad", 0.1],
  ]) {
    const me = play(LINKS[name], { seconds: 300 });
    assert.ok(me.server.late > 0 && me.server.late / me.seq < most, `${name}: ${me.server.late} of ${me.seq} late`);
    assert.ok(me.prediction.mispredictions > 0);
    // The present, when the server has come to it: what was predicted, but for what is on its way.
    const { state } = me.prediction;
    let server = me.server.state;
    for (let tick = me.server.tick + 1; tick <= me.prediction.tick; tick += 1)
      server = step(server, me.stream.at(tick), 1 / TICK_RATE);
    assert.ok(Math.hypot(state.x - server.x, state.y - server.y) < 30);
  }
});

test("standing still after a bad line, client and server agree to the last eighth", () => {
  const move = wander();
  const read = (now, random) => (now < 50 ? move(now, random) : { move_x: 0, move_y: 0 });
  const me = play(LINKS.bad, { seconds: 55, read });
  assert.deepEqual(me.prediction.state, me.server.state);
});

test("a push by somebody else is one misprediction of its size, and nothing after it", () => {
  const pushes = [20, 40, 60];
  const me = play(LINKS.good, {
    seconds: 80,
    read: () => ({ move_x: 0, move_y: 0 }),
    meddle: (server) => {
      if (pushes.includes(server.tick / TICK_RATE)) server.push(6);
    },
  });
  assert.equal(me.prediction.mispredictions, 3);
  assert.deepEqual(me.prediction.corrections, [6, 6, 6]);
});

test("the clock is moved by no more than a tenth, and every tick is run once", () => {
  for (const link of Object.values(LINKS)) {
    const me = play(link, { seconds: 120 });
    for (let index = 1; index < me.ran.length; index += 1) assert.equal(me.ran[index], me.ran[index - 1] + 1);
    for (let index = 1; index < me.offsets.length; index += 1) {
      const [before, after] = [me.offsets[index - 1], me.offsets[index]];
      // The first margins, and a line that is off by more than ten ticks, make it jump.
      if (after.now < 5 || after.jumps !== before.jumps) continue;
      assert.ok(Math.abs(after.origin - before.origin) <= 0.1 * (after.now - before.now) + 1e-9);
    }
  }
});

test("what is drawn moves smoothly: no faster than the rule, but for corrections", () => {
  for (const [name, most] of [
    ["good", 0],
    ["typical", 0.02],
  ]) {
    let last = null;
    let fast = 0;
    let frames = 0;
    play(LINKS[name], {
      seconds: 60,
      frame: (now, drawn) => {
        if (drawn && last && now > 3) {
          frames += 1;
          // 260 units a second, a tenth more while the clock slews, and what is left of a change of direction.
          const speed = Math.hypot(drawn.x - last.x, drawn.y - last.y) * 60;
          if (speed > 260 * Math.SQRT2 * 1.35) fast += 1;
        }
        last = drawn && { ...drawn };
      },
    });
    assert.ok(fast <= most * frames, `${name}: ${fast} of ${frames}`);
  }
});

test("a key moves what is drawn in the next frame, whatever the link", () => {
  for (const link of Object.values(LINKS)) {
    let last = null;
    const moved = [];
    play(link, {
      seconds: 10,
      read: (now) => ({ move_x: now > 8 ? 1 : 0, move_y: 0 }),
      timers: 0,
      frame: (now, drawn) => {
        if (drawn && last !== null && now > 7.9 && drawn.x !== last) moved.push(now);
        last = drawn?.x ?? null;
      },
    });
    assert.ok(moved[0] > 8 && moved[0] < 8 + 1 / 60 + 1e-6, `after ${moved[0] - 8} s`);
  }
});
