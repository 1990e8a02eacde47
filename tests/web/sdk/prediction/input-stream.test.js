import assert from "node:assert/strict";
import { test } from "node:test";
import { InputStream, same } from "../../../../src/rumpus/web/sdk/prediction/input-stream.js";
import { generator } from "../../fakes/random.js";

test("an input is sent when it changes, and five times a second", () => {
  const stream = new InputStream(30, { x: 0 });
  const sent = [];
  for (let tick = 10; tick < 40; tick += 1) {
    const message = stream.take(tick, { x: tick < 13 ? 0 : 1 }, tick - 4.5);
    if (message) sent.push([message.tick, message.data.x, message.seen]);
  }
  assert.deepEqual(sent, [
    [10, 0, 5.5],
    [13, 1, 8.5],
    [19, 1, 14.5],
    [25, 1, 20.5],
    [31, 1, 26.5],
    [37, 1, 32.5],
  ]);
});

test("what could not be sent is sent with the next tick", () => {
  const stream = new InputStream(30, {});
  stream.take(1, { x: 1 }, null);
  stream.unsent();
  assert.deepEqual(stream.take(2, { x: 1 }, null), { tick: 2, seen: null, data: { x: 1 } });
  assert.equal(stream.take(3, { x: 1 }, null), null);
});

test("whoever reads the controls may use one object for ever", () => {
  const stream = new InputStream(30, { x: 0 });
  const input = { x: 0, keys: [1] };
  const first = stream.take(1, input, null);
  input.keys.push(2);
  const second = stream.take(2, input, null);
  assert.deepEqual([first.data.keys, second.data.keys], [[1], [1, 2]]);
  assert.deepEqual(stream.at(1), { x: 0, keys: [1] });
});

test("a player is as far behind as when the input in force was sent", () => {
  const stream = new InputStream(30, { x: 0 });
  stream.take(10, { x: 1 }, 4);
  stream.take(11, { x: 1 }, 4.5);
  assert.deepEqual([stream.viewLag(10), stream.viewLag(11), stream.viewLag(9)], [6, 6, 0]);
  stream.take(12, { x: 2 }, 5.5);
  assert.equal(stream.viewLag(12), 6.5);
});

test("from what is sent the server has the same input in each tick", () => {
  const random = generator(4);
  for (let round = 0; round < 200; round += 1) {
    const rate = random.one([10, 20, 30, 60]);
    const stream = new InputStream(rate, { x: 0, fire: false });
    const messages = [];
    const wanted = new Map();
    let input = { x: 0, fire: false };
    let tick = random.whole(0, 1000);
    let last = tick;
    const begin = tick;
    for (let count = 0; count < 120; count += 1) {
      const skipped = random.share() < 0.05 ? random.whole(1, 30) : 0;
      for (let gap = tick; gap < tick + skipped; gap += 1) wanted.set(gap, wanted.get(gap - 1) ?? stream.neutral);
      tick += skipped;
      if (random.share() < 0.3) input = { x: random.whole(-1, 1), fire: random.share() < 0.5 };
      const message = stream.take(tick, input, null);
      wanted.set(tick, { ...input });
      if (message) {
        assert.ok(messages.length === 0 || tick - last <= Math.max(1, 0.2 * rate) + skipped);
        last = tick;
        messages.push(structuredClone(message));
      }
      tick += 1;
    }
    let inForce = stream.neutral;
    for (let at = begin; at < tick; at += 1) {
      if (messages[0]?.tick === at) inForce = messages.shift().data;
      assert.deepEqual(inForce, wanted.get(at));
      if (tick - at < 200) assert.deepEqual(stream.at(at), wanted.get(at));
    }
    assert.deepEqual(stream.at(tick + 5), input);
  }
});

test("a new match knows no inputs", () => {
  const stream = new InputStream(30, { x: 0 });
  stream.take(500, { x: 1 }, 490);
  stream.reset();
  assert.deepEqual(stream.at(500), { x: 0 });
  assert.notEqual(stream.take(3, { x: 0 }, null), null);
});

test("plain values are compared all the way down", () => {
  assert.ok(same({ a: [1, { b: null }], c: "x" }, { c: "x", a: [1, { b: null }] }));
  for (const other of [{ a: 1 }, { a: [2] }, { a: { 0: 1 } }, { a: [1], b: 1 }, null, [1]])
    assert.equal(same({ a: [1] }, other), false);
});

test("inputs on their way are expected in the next tick, merged, and from then on the newest alone", () => {
  const merge = (older, newer) => ({ ...newer, fire: older.fire || newer.fire });
  const stream = new InputStream(30, { x: 0, fire: false }, merge);
  const play = (tick, data) => {
    const message = stream.take(tick, data, null);
    if (message) stream.sent(tick, message);
  };
  play(10, { x: 0, fire: false });
  play(11, { x: 1, fire: true });
  play(12, { x: 1, fire: false });
  play(13, { x: 2, fire: false });
  play(15, { x: 3, fire: false });
  // Nothing is late: what was for that tick.
  assert.deepEqual(stream.expected(13, 12), { x: 2, fire: false });
  assert.deepEqual(stream.expected(14, 13), { x: 2, fire: false });
  // The server has computed tick 12 with the input of tick 10: what was for 11 and 12 comes with that of 13.
  assert.deepEqual(stream.expected(13, 10), { x: 2, fire: true });
  assert.deepEqual(stream.at(14), { x: 2, fire: false });
  // What is for later ticks is not merged.
  assert.deepEqual(stream.expected(12, 10), { x: 1, fire: true });
  stream.reset();
  assert.deepEqual(stream.expected(1, -1), { x: 0, fire: false });
});
