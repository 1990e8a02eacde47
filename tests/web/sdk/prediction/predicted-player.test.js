import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { Client } from "../../../../src/rumpus/web/sdk/client.js";
import { FakeSocket } from "../../fakes/fake-socket.js";
import { SnapshotEncoder } from "../../fakes/snapshot-encoder.js";
import { fixed, table } from "../../fakes/tables.js";

const TABLES = [table("balls", [fixed("x", { moves: true }), fixed("y", { moves: true })])];
const RATE = 10;
const JOINED = {
  type: "joined",
  player_id: "p1",
  room_id: "K7QPX",
  game: "balls",
  tick_rate: RATE,
  send_rate: RATE,
  max_rewind: 0.25,
  input_hold: 0.5,
  tick: 0,
  status: "in-progress",
  settings: {},
  players: [],
  session: "s",
  max_players: 8,
  min_players: 2,
  start: "now",
  teams: [],
  private: false,
  schema: { tables: TABLES },
  static: {},
};

/** One unit a tick; the server's grid is of eighths. */
const step = ({ x, y }, { move = 0 }) => ({ x: x + move, y });

/** @type {Client} */
let client;
/** @type {SnapshotEncoder} */
let encoder;
/** Local time, milliseconds. */
let time = 0;
let move = 0;
const scratch = {};

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  time = 5000;
  move = 0;
  mock.method(performance, "now", () => time);
  FakeSocket.all = [];
  globalThis.WebSocket = /** @type {any} */ (FakeSocket);
  client = new Client({ url: "ws://test/ws" });
});

afterEach(() => {
  client.leave();
  mock.restoreAll();
  delete globalThis.document;
  delete globalThis.window;
});

const socket = () => FakeSocket.all[FakeSocket.all.length - 1];
const inputs = () => socket().told.filter(({ type }) => type === "input");

/** @param {number} milliseconds */
function pass(milliseconds) {
  for (let left = milliseconds; left > 0; left -= 1) {
    time += 1;
    mock.timers.tick(1);
  }
}

async function join(joined = JOINED) {
  const joining = client.join({ name: "Ann" });
  await answer(joined);
  return joining;
}

async function answer(joined = JOINED) {
  socket().open();
  encoder = new SnapshotEncoder(TABLES);
  socket().say(joined);
  // 40 ms there and back.
  socket().say({ type: "pong", time: time / 1000 - 0.04, server_time: 7, tick: 0 });
}

/** The server's snapshot of a tick: the ball is at x. */
function snapshot(tick, x, { keyframe = tick === 0, ack = -1, margin = null } = {}) {
  const rows = { balls: new Map(x === null ? [] : [["p1", [x * 8, 0]]]) };
  socket().sayBytes(encoder.snapshot(rows, { tick, keyframe, ack: ack + 1, margin }));
}

const predict = (more = {}) =>
  client.predict({
    read: () => ({ move }),
    neutral: { move: 0 },
    state: ({ world, playerId }) => world.entity("balls", playerId, scratch),
    step,
    blend: ["x", "y"],
    ...more,
  });

test("one predicts what happens in a room, and nowhere else", () => {
  assert.throws(() => predict(), { name: "RumpusError", code: "not_joined" });
});

test("inputs are sent for ticks ahead of the server's, when they change and now and then", async () => {
  await join();
  predict();
  snapshot(0, 100);
  pass(130);
  // Tick 0 came 20 ms ago; another 20 up, and 20 to spare: the clock is at 0.6, and tick 1 was due in 40 ms.
  assert.deepEqual(inputs(), [{ type: "input", seq: 1, data: { move: 0 }, tick: 1 }]);
  move = 1;
  pass(100);
  assert.deepEqual(inputs().at(-1), { type: "input", seq: 2, data: { move: 1 }, tick: 2 });
  pass(400);
  assert.deepEqual(
    inputs().map(({ tick }) => tick),
    [1, 2, 4, 6],
  );
  assert.equal(client.stats.inputs, 4);
});

test("what the own input does is drawn at once, and confirmed by the server without a change", async () => {
  await join();
  const told = [];
  const me = predict({ onTick: ({ tick, before, after }) => told.push([tick, before.x, after.x]) });
  snapshot(0, 100);
  pass(100);
  assert.equal(me.sample(time / 1000).x, 100);
  move = 1;
  pass(10);
  const first = me.sample(time / 1000).x;
  assert.ok(first > 100 && first < 100.3, `${first}`);
  pass(400);
  assert.ok(me.sample(time / 1000).x > 103);
  assert.deepEqual(told.slice(0, 3), [
    [1, 100, 100],
    [2, 100, 101],
    [3, 101, 102],
  ]);
  snapshot(1, 100, { ack: 1, margin: 20 });
  snapshot(2, 101, { ack: 2, margin: 20 });
  assert.equal(client.stats.mispredictions, 0);
  assert.equal(client.margin, 0.02);
  snapshot(3, 101, { ack: 2, margin: 20 });
  assert.equal(client.stats.mispredictions, 1);
  assert.deepEqual(client.stats.corrections, [1]);
});

test("a misprediction is put down to an input that was late", async () => {
  await join();
  predict();
  snapshot(0, 100);
  pass(100);
  move = 1;
  pass(350);
  // The move of tick 2 has not come yet when tick 2 is computed.
  snapshot(1, 100, { ack: 1, margin: 20 });
  snapshot(2, 100, { ack: 1 });
  assert.deepEqual([client.stats.lateInputs, client.stats.lateMispredictions], [1, 1]);
  // Somebody else's doing.
  snapshot(3, 120, { ack: 2, margin: -30 });
  snapshot(4, 140, { ack: 3, margin: 20 });
  assert.deepEqual([client.stats.lateInputs, client.stats.mispredictions], [1, 3]);
  assert.equal(client.stats.lateMispredictions, 1);
});

test("`seen` is what the picture shows, and the server's cap holds for predicted shots", async () => {
  await join();
  const picture = client.interpolate();
  const told = [];
  predict({ onTick: ({ tick, seen }) => told.push([tick, seen]) });
  snapshot(0, 100);
  pass(50);
  snapshot(1, 100);
  picture.sample(time / 1000);
  pass(200);
  const { seen, tick } = inputs().at(-1);
  assert.equal(seen, Math.round(picture.view.playhead * 1000) / 1000);
  assert.ok(tick - seen > 0.5);
  for (const [at, shown] of told) assert.ok(at - shown <= 0.25 * RATE);
});

test("without a rule inputs are sent all the same", async () => {
  await join();
  const me = client.predict({ read: () => ({ move }), neutral: { move: 0 } });
  snapshot(0, 100);
  pass(300);
  assert.ok(inputs().length >= 1);
  assert.equal(me.sample(time / 1000), null);
});

test("it stops with the neutral input, and only one plays at a time", async () => {
  await join();
  const first = predict();
  snapshot(0, 100);
  move = 1;
  pass(200);
  const second = predict();
  assert.equal(first.running, false);
  assert.deepEqual(inputs().at(-1).data, { move: 0 });
  snapshot(3, 100);
  pass(200);
  assert.equal(second.running, true);
  const count = inputs().length;
  second.stop();
  second.stop();
  pass(1000);
  assert.equal(inputs().length, count + 1);
});

test("between matches it rests; a new match begins at tick 0 again", async () => {
  await join({ ...JOINED, status: "waiting", static: null });
  const me = predict();
  pass(500);
  assert.deepEqual([me.running, inputs().length], [false, 0]);
  for (let match = 0; match < 2; match += 1) {
    socket().say({ type: "game_started", tick: 0, settings: {}, static: {} });
    snapshot(0, 100, { keyframe: true });
    move = 1;
    pass(300);
    assert.ok(me.running && me.tick >= 3 && me.tick < 6);
    assert.ok(me.sample(time / 1000).x > 101);
    socket().say({ type: "game_over", tick: 3, reason: "time", results: [], next_in: 1 });
    const count = inputs().length;
    pass(1000);
    assert.equal(inputs().length, count);
    assert.equal(me.sample(time / 1000), null);
  }
});

test("a lost connection is survived: numbers of inputs begin anew, ticks go on", async () => {
  await join();
  const me = predict();
  snapshot(0, 100);
  pass(300);
  socket().onclose({ code: 1006, reason: "" });
  assert.equal(me.running, false);
  pass(1000);
  await answer({ ...JOINED, tick: 14 });
  snapshot(14, 130, { keyframe: true });
  pass(300);
  assert.ok(me.tick >= 16);
  assert.equal(inputs()[0].seq, 1);
  assert.ok(inputs()[0].tick >= 15);
  assert.equal(me.sample(time / 1000).x, 130);
});

test("no entity, no prediction; it begins with the entity", async () => {
  await join();
  const me = predict();
  snapshot(0, null);
  pass(200);
  assert.equal(me.sample(time / 1000), null);
  snapshot(1, 50);
  assert.equal(me.sample(time / 1000).x, 50);
  snapshot(2, null);
  assert.equal(me.sample(time / 1000), null);
  assert.equal(client.stats.mispredictions, 0);
});

test("held up, the page plays the missed ticks with what was in force, and sends no burst", async () => {
  await join();
  const me = predict();
  snapshot(0, 100);
  pass(150);
  const count = inputs().length;
  move = 1;
  time += 700;
  me.sample(time / 1000);
  assert.equal(inputs().length, count + 1);
  const { tick } = me;
  assert.deepEqual(me.stream.at(tick - 1), { move: 0 });
  assert.deepEqual(me.stream.at(tick), { move: 1 });
  assert.equal(me.state.x, 101);
});

test("while the page is hidden nobody plays", async () => {
  const listeners = new Map();
  const on = (name, listener) => listeners.set(name, listener);
  globalThis.document = /** @type {any} */ ({
    visibilityState: "visible",
    addEventListener: on,
    removeEventListener: (name) => listeners.delete(name),
  });
  globalThis.window = /** @type {any} */ (globalThis.document);
  await join();
  const me = predict();
  snapshot(0, 100);
  move = 1;
  pass(200);
  /** @type {any} */ (globalThis.document).visibilityState = "hidden";
  listeners.get("visibilitychange")();
  listeners.get("pagehide")();
  const count = inputs().length;
  assert.deepEqual(inputs().at(-1).data, { move: 0 });
  pass(5000);
  assert.equal(inputs().length, count);
  /** @type {any} */ (globalThis.document).visibilityState = "visible";
  listeners.get("visibilitychange")();
  snapshot(50, 100);
  pass(200);
  assert.ok(inputs().length > count);
  assert.ok(Math.abs(me.tick - 52) <= 2, `${me.tick}`);
  me.stop();
  assert.equal(listeners.size, 0);
});

test("bytes are counted, and rates follow", async () => {
  await join();
  const { stats } = client;
  assert.ok(stats.bytesIn > 100 && stats.bytesOut > 10);
  stats.rates(1);
  const before = stats.bytesIn;
  snapshot(0, 100);
  const size = stats.bytesIn - before;
  assert.ok(size > 10);
  assert.deepEqual(stats.rates(2), { in: size, out: 0 });
});

test("when the server has stood still ticks are later, and what is drawn goes on from where it was", async () => {
  await join();
  const player = predict();
  snapshot(0, 100);
  move = 1;
  pass(500);
  for (let tick = 1; tick <= 5; tick += 1) snapshot(tick, 100 + tick, { ack: 2, margin: 0.02 });
  assert.equal(player.tick, 5);
  // Nothing for three seconds: the ship flies on for one of them, and waits.
  pass(3000);
  const held = player.tick;
  assert.ok(held >= 15 && held <= 17, `tick ${held}`);
  const shown = player.sample(time / 1000).x;
  assert.ok(Math.abs(shown - (100 + held + 1)) < 1e-9);
  const sent = inputs().length;
  // The server did three ticks at once and gave up 27.
  socket().say({ type: "stalled", tick: 5, ticks: 27 });
  snapshot(8, 108, { ack: 3, margin: -2.9 });
  assert.ok(player.tick >= 8 && player.tick <= 10, `tick ${player.tick}`);
  assert.ok(Math.abs(player.sample(time / 1000).x - shown) < 1);
  pass(200);
  assert.ok(inputs()[sent].tick >= 9 && inputs()[sent].tick <= 11, `for tick ${inputs()[sent].tick}`);
  pass(300);
  // What was drawn ahead has faded.
  assert.ok(Math.abs(player.sample(time / 1000).x - player.state.x) < 1.1);
});

test("inputs that are refused for their ticks are no end of control: the time is found out anew", async () => {
  await join();
  const player = predict();
  snapshot(0, 100);
  pass(500);
  snapshot(5, 100, { ack: 2, margin: 0.02 });
  socket().say({ type: "error", code: "bad_tick", message: "Set your clock." });
  assert.equal(player.tick, -1);
  snapshot(2, 100, { keyframe: true });
  assert.ok(player.tick >= 2 && player.tick <= 4, `tick ${player.tick}`);
});
