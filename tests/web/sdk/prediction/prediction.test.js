import assert from "node:assert/strict";
import { test } from "node:test";
import { Prediction } from "../../../../src/rumpus/web/sdk/prediction/prediction.js";
import { generator } from "../../fakes/random.js";

const RATE = 30;

/** Moves by a unit a tick for each unit of the stick, and rounds to eighths. */
const step = ({ x, y, angle, ...rest }, { move = 0, turn = 0 }) => ({
  ...rest,
  x: Math.round((x + move) * 8) / 8,
  y,
  angle: (angle + turn) % (2 * Math.PI),
  age: (rest.age ?? 0) + 1,
});

const make = (more = {}) =>
  new Prediction({ step, tickRate: RATE, blend: ["x", "y"], angles: ["angle"], snap: 100, ...more });
const START = { x: 0, y: 5, angle: 0 };
const near = (actual, expected, by = 1e-9) => assert.ok(Math.abs(actual - expected) < by, `${actual} is not ${expected}`);

/** A prediction that has run up to a tick with the same input. */
function ran(to, input = { move: 1 }, more = {}) {
  const prediction = make(more);
  const inputs = new Map();
  for (let tick = 0; tick <= to; tick += 1) {
    inputs.set(tick, input);
    if (tick === 0) prediction.advance(0, input);
    else prediction.advance(tick, input);
    if (tick === 0) prediction.reconcile(0, START, (at) => inputs.get(at));
  }
  return { prediction, inputs: (at) => inputs.get(at) ?? input };
}

test("there is nothing to draw before the server has told of a state", () => {
  const prediction = make();
  assert.equal(prediction.draw(1.5, {}), null);
  assert.equal(prediction.advance(1, { move: 1 }), null);
  assert.equal(prediction.draw(1.5, {}), null);
  // Of tick 0; the input of tick 1 has been played since.
  prediction.reconcile(0, START, () => ({ move: 1 }));
  assert.equal(prediction.state.x, 1);
  assert.equal(prediction.mispredictions, 0);
});

test("each tick is a step of the rule, told with what was before and after", () => {
  const { prediction } = ran(3);
  const told = prediction.advance(4, { move: 2 });
  assert.deepEqual([told.before.x, told.after.x], [3, 5]);
  assert.deepEqual(prediction.at(3).x, 3);
  assert.equal(prediction.at(5), null);
  assert.equal(prediction.advance(4, { move: 9 }), null);
});

test("what the server confirms changes nothing; a difference in any number that is predicted is a misprediction", () => {
  const { prediction, inputs } = ran(10);
  const { state } = prediction;
  assert.equal(prediction.reconcile(6, { x: 6, y: 5, hp: 90 }, inputs), false);
  assert.equal(prediction.state, state);
  assert.equal(prediction.reconcile(7, { x: 7.125, y: 5 }, inputs), true);
  assert.equal(prediction.state.x, 10.125);
  // What the server does not tell stays as it was predicted for that tick.
  assert.equal(prediction.state.age, state.age);
  assert.deepEqual(prediction.corrections, [0.125]);
  assert.equal(prediction.mispredictions, 1);
  assert.equal(prediction.reconcile(8, { x: 8.125, y: 5 }, inputs), false);
});

test("replays use the input that was in force in each tick", () => {
  const { prediction } = ran(5);
  const inputs = new Map([1, 2, 3, 4, 5].map((tick) => [tick, { move: tick }]));
  prediction.reconcile(2, { ...START, x: 50 }, (tick) => inputs.get(tick));
  assert.equal(prediction.state.x, 50 + 3 + 4 + 5);
});

test("whatever the corrections, in the end it is where the server is", () => {
  const random = generator(6);
  for (let round = 0; round < 50; round += 1) {
    const { prediction } = ran(0);
    const inputs = [];
    let server = START;
    const states = [START];
    const lead = random.whole(1, 20);
    for (let tick = 1; tick < 200; tick += 1) {
      inputs[tick] = { move: random.whole(-4, 4) / 4 };
      prediction.advance(tick, inputs[tick]);
      server = step(server, inputs[tick]);
      if (random.share() < 0.1) server = { ...server, x: server.x + random.whole(-3, 3) };
      states[tick] = server;
      if (tick - lead > 0) prediction.reconcile(tick - lead, states[tick - lead], (at) => inputs[at]);
    }
    for (let tick = 200 - lead; tick < 200; tick += 1) prediction.reconcile(tick, states[tick], (at) => inputs[at]);
    assert.deepEqual(prediction.state.x, server.x);
  }
});

test("between ticks it is drawn on the way to the next, with the input as it is now", () => {
  const { prediction } = ran(10);
  near(prediction.draw(10, { move: 1 }).x, 10);
  near(prediction.draw(10.25, { move: 1 }).x, 10.25);
  // Of the key pressed now: from where it was drawn, as fast as the rule says.
  const pressed = prediction.draw(10.75, { move: 3 }).x;
  assert.ok(pressed > 10.25 + 1, `${pressed}`);
  const drawn = prediction.draw(10.5, { move: 1 });
  assert.equal(drawn.age, prediction.state.age);
});

test("a key shows in the next frame, and moves things no faster than the rule", () => {
  const { prediction } = ran(10, { move: 0 });
  near(prediction.draw(10.4, { move: 0 }).x, 0);
  const frames = [10.9, 11.4, 11.9, 12.4].map((time) => {
    if (time > 11 && prediction.tick < 11) prediction.advance(11, { move: 4 });
    if (time > 12 && prediction.tick < 12) prediction.advance(12, { move: 4 });
    return prediction.draw(time, { move: 4 }).x;
  });
  near(frames[0], 0.5 * 4 - 0, 0.6);
  for (let index = 1; index < frames.length; index += 1) {
    const way = frames[index] - frames[index - 1];
    assert.ok(way > 1.9 && way < 3, `${way}`);
  }
});

test("while the input stays nothing jumps, wherever a tick ends and however the rule rounds", () => {
  const odd = (state, input) => ({ ...step(state, input), x: Math.round((state.x + 0.7) * 4) / 4 });
  const { prediction } = ran(0, { move: 1 }, { step: odd });
  let last = prediction.draw(0, { move: 1 }).x;
  for (let time = 0.01; time < 20; time += 0.01) {
    if (Math.floor(time) > prediction.tick) prediction.advance(Math.floor(time), { move: 1 });
    const { x } = prediction.draw(time, { move: 1 });
    assert.ok(x - last >= -1e-9 && x - last < 0.0101, `by ${x - last} at ${time}`);
    last = x;
  }
});

test("a correction is smoothed in what is drawn, to a tenth in a tenth of a second, and not in what is simulated", () => {
  const { prediction, inputs } = ran(30, { move: 0 });
  near(prediction.draw(30.5, { move: 0 }).x, 0);
  prediction.reconcile(25, { ...START, x: 10, angle: 0.5 }, inputs);
  assert.equal(prediction.state.x, 10);
  near(prediction.draw(30.5, { move: 0 }).x, 0);
  near(prediction.draw(30.5, { move: 0 }).angle, 0);
  const later = prediction.draw(33.5, { move: 0 });
  near(later.x, 9);
  near(later.angle, 0.45);
  for (let time = 33.6; time < 60; time += 1) prediction.draw(time, { move: 0 });
  assert.equal(prediction.draw(60, { move: 0 }).x, 10);
});

test("angles are smoothed the shorter way round", () => {
  const { prediction, inputs } = ran(5, {});
  prediction.reconcile(4, { ...START, angle: 0.1 }, inputs);
  prediction.draw(5.5, {});
  prediction.reconcile(5, { ...START, angle: 2 * Math.PI - 0.1 }, inputs);
  const { angle } = prediction.draw(7, {});
  assert.ok(Math.cos(angle) > Math.cos(0.11), `${angle}`);
});

test("beyond snap it is a teleport: neither smoothed nor counted among the corrections", () => {
  const { prediction, inputs } = ran(30, { move: 0 });
  prediction.draw(30.5, { move: 0 });
  prediction.reconcile(25, { ...START, x: 101 }, inputs);
  near(prediction.draw(30.51, { move: 0 }).x, 101);
  assert.deepEqual([prediction.mispredictions, prediction.teleports, prediction.corrections.length], [1, 1, 0]);
});

test("death ends the prediction and a new life begins one; neither is a correction", () => {
  const { prediction, inputs } = ran(30);
  prediction.draw(30.5, { move: 1 });
  prediction.reconcile(28, null, inputs);
  assert.equal(prediction.draw(30.6, { move: 1 }), null);
  assert.equal(prediction.advance(31, { move: 1 }), null);
  prediction.reconcile(29, { ...START, x: 50 }, inputs);
  assert.equal(prediction.state.x, 52);
  near(prediction.draw(31.5, { move: 1 }).x, 52.5);
  assert.deepEqual([prediction.mispredictions, prediction.teleports], [0, 0]);
});

test("a server that is ahead is believed, and its ticks are not played again", () => {
  const { prediction, inputs } = ran(10);
  prediction.reconcile(14, { ...START, x: 40 }, inputs);
  assert.deepEqual([prediction.tick, prediction.state.x], [14, 40]);
  for (let tick = 11; tick <= 14; tick += 1) assert.equal(prediction.advance(tick, { move: 1 }), null);
  assert.equal(prediction.advance(15, { move: 1 }).after.x, 41);
});

test("controls that fill one object are read as they are", () => {
  const { prediction } = ran(10);
  const input = { move: 1 };
  prediction.draw(10.2, input);
  input.move = -8;
  prediction.draw(10.3, input);
  prediction.advance(11, input);
  assert.equal(prediction.state.x, 2);
});

test("after long there is nothing to replay: the newest state has to do", () => {
  const { prediction, inputs } = ran(500);
  prediction.reconcile(100, { ...START, x: 7 }, inputs);
  assert.equal(prediction.state.x, 7);
  near(prediction.draw(500.5, { move: 1 }).x, 7.5);
});
