import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { Client } from "../../../../src/rumpus/web/sdk/client.js";
import { FakeSocket } from "../../fakes/fake-socket.js";
import { SnapshotEncoder } from "../../fakes/snapshot-encoder.js";
import { fixed, table } from "../../fakes/tables.js";

const TABLES = [table("balls", [fixed("x", { moves: true })])];
const ANN = { player_id: "p1", name: "Ann", team: null, bot: false, away: false, out: false, ready: false, rating: 1000 };
const BOB = { ...ANN, player_id: "p2", name: "Bob", rating: null, signed: false };
const JOINED = {
  ...{ type: "joined", player_id: "p1", room_id: "K7QPX", game: "tag", tick_rate: 30, send_rate: 30, tick: 0 },
  ...{ status: "waiting", settings: { mode: "ffa" }, players: [ANN, BOB], session: "t1", max_players: 8 },
  ...{ min_players: 2, start: "now", teams: [], private: true, schema: { tables: TABLES }, static: {} },
  ...{ reconnect_time: 30, host: "p1", rating: 1000, votes: [] },
};
const VOTE = {
  ...{ id: 3, kind: "next", by: null, player_id: null, choices: ["Same again", "Waves"], settings: null },
  ...{ ends_in: 20, needed: 2, counts: [0, 0] },
};

/** @type {Client} */
let client;
let events;
let time = 0;

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  time = 5000;
  mock.method(performance, "now", () => time);
  FakeSocket.all = [];
  globalThis.WebSocket = /** @type {any} */ (FakeSocket);
  client = new Client({ url: "ws://test/ws", guest: null });
  events = [];
  const names = ["room_changed", "paused", "vote", "rated", "players", "player_changed", "chat", "notice", "event"];
  for (const name of [...names, "game_over", "watching", "closed", "error"])
    client.on(/** @type {any} */ (name), (payload) => events.push([name, payload]));
});

afterEach(() => {
  client.leave();
  mock.restoreAll();
});

const socket = () => FakeSocket.all[FakeSocket.all.length - 1];
const told = () => socket().told.slice(1);
const last = (name) => events.filter(([each]) => each === name).at(-1)?.[1];

async function join(more = {}, request = { name: "Ann" }) {
  const joining = client.join(request);
  socket().open();
  socket().say({ ...JOINED, ...more });
  return joining;
}

function comeBack(more = {}) {
  socket().readyState = 3;
  socket().onclose({ code: 1006, reason: "" });
  mock.timers.tick(1000);
  socket().open();
  socket().say({ ...JOINED, resumed: true, session: "t2", ...more });
}

function pass(milliseconds) {
  for (let left = milliseconds; left > 0; left -= 1) {
    time += 1;
    mock.timers.tick(1);
  }
}

test("what one may say about a room is said as the protocol has it", async () => {
  await join();
  client.ready();
  client.ready(false);
  client.start();
  client.setRoom({ settings: { mode: "waves" }, locked: true });
  client.kick("p2");
  client.kick("p2", { ban: true });
  client.passHost("p2");
  client.callVote("kick", { player_id: "p2" });
  client.callVote("settings", { settings: { mode: "waves" } });
  client.pause();
  client.pause(false);
  client.mute("p2");
  client.chat("hello");
  client.chat("us", { to: "team" });
  client.setTeam("red");
  assert.deepEqual(told(), [
    { type: "ready", ready: true },
    { type: "ready", ready: false },
    { type: "start" },
    { type: "set_room", settings: { mode: "waves" }, locked: true },
    { type: "kick", player_id: "p2", ban: false },
    { type: "kick", player_id: "p2", ban: true },
    { type: "pass_host", player_id: "p2" },
    { type: "call_vote", kind: "kick", player_id: "p2" },
    { type: "call_vote", kind: "settings", settings: { mode: "waves" } },
    { type: "pause", paused: true },
    { type: "pause", paused: false },
    { type: "mute", player_id: "p2", muted: true },
    { type: "chat", text: "hello" },
    { type: "chat", text: "us", to: "team" },
    { type: "team", team: "red" },
  ]);
  socket().say({ type: "error", code: "not_possible", message: "Not while a match runs." });
  assert.equal(last("error").code, "not_possible");
  assert.equal(client.connection, "joined");
});

test("the room is kept as it is now", async () => {
  await join();
  assert.equal(client.isHost, true);
  socket().say({ type: "room_changed", host: "p2", locked: true, settings: { mode: "waves" }, bots: 2, spectators: 1 });
  assert.equal(client.isHost, false);
  const { host, locked, settings, bots, spectators, private: hidden } = client.room;
  assert.deepEqual(
    { host, locked, settings, bots, spectators, hidden },
    { host: "p2", locked: true, settings: { mode: "waves" }, bots: 2, spectators: 1, hidden: true },
  );
  assert.deepEqual(last("room_changed"), {
    ...{ host: "p2", locked: true, settings: { mode: "waves" }, bots: 2, spectators: 1 },
  });
  assert.equal(last("paused"), undefined);
});

test("what a server of before does not say has its meaning all the same", async () => {
  const { host: _, rating: __, votes: ___, reconnect_time: ____, ...old } = JOINED;
  await join({ ...old, players: [{ player_id: "p1", name: "Ann", team: null, bot: false }], host: undefined });
  assert.equal(client.room.role, "player");
  assert.equal(client.spectating, false);
  assert.deepEqual(client.me, { ...ANN, rating: null, signed: false });
});

test("players are away, ready, out, and rated", async () => {
  await join();
  socket().say({ type: "player_changed", player: { ...BOB, away: true, ready: true } });
  assert.equal(client.players.get("p2").away, true);
  assert.equal(last("player_changed").ready, true);
  socket().say({ type: "rated", ratings: [{ player_id: "p1", before: 1000, after: 1012 }] });
  assert.equal(client.me.rating, 1012);
  assert.equal(client.room.rating, 1012);
  assert.deepEqual(client.lastRatings, [{ player_id: "p1", before: 1000, after: 1012 }]);
  assert.equal(last("rated").ratings.length, 1);
  socket().say({ type: "game_started", tick: 0, settings: {}, static: {} });
  assert.equal(client.lastRatings, null);
});

test("a vote is counted, changed and ended", async () => {
  await join();
  socket().say({ type: "vote_started", vote: VOTE });
  assert.equal(client.currentVote.endsAt, time + 20_000);
  assert.equal(client.currentVote.mine, null);
  client.vote(1);
  client.vote(3, 0);
  assert.deepEqual(told(), [
    { type: "vote", id: 3, choice: 1 },
    { type: "vote", id: 3, choice: 0 },
  ]);
  assert.equal(client.currentVote.mine, 0);
  socket().say({ type: "vote_counted", id: 3, counts: [1, 1] });
  assert.deepEqual(client.currentVote.counts, [1, 1]);
  comeBack({ votes: [{ ...VOTE, counts: [1, 1], ends_in: 4 }] });
  assert.equal(client.currentVote.mine, 0);
  assert.equal(client.currentVote.endsAt, time + 4000);
  socket().say({ type: "vote_ended", id: 3, chosen: 1 });
  assert.equal(client.currentVote, null);
  const stages = events.filter(([name]) => name === "vote").map(([, { stage, chosen }]) => [stage, chosen]);
  assert.deepEqual(stages, [
    ["started", undefined],
    ["counted", undefined],
    ["ended", 1],
  ]);
});

test("a vote with the number 0 is one too", async () => {
  await join();
  socket().say({ type: "vote_started", vote: { ...VOTE, id: 0 } });
  client.vote(1);
  assert.deepEqual(told(), [{ type: "vote", id: 0, choice: 1 }]);
});

test("chat lines know who spoke to whom; the muted stay muted over a cut", async () => {
  await join();
  socket().say({ type: "chat", player_id: "p2", text: "hi" });
  assert.equal(last("chat").name, "Bob");
  assert.equal(last("chat").to, "all");
  socket().say({ type: "chat", player_id: "s1", name: "Cleo", text: "psst", to: "all", spectator: true });
  assert.equal(last("chat").name, "Cleo");
  client.mute("p2");
  comeBack();
  assert.deepEqual([...client.muted], ["p2"]);
  client.mute("p2", false);
  assert.deepEqual([...client.muted], []);
});

test("what is told late says so, and what was told already is not told again", async () => {
  await join({ serial: 4 });
  socket().say({ type: "notice", level: "info", text: "a", serial: 5 });
  // A delayed stream tells what is older.
  socket().say({ type: "chat", player_id: "p2", text: "b", serial: 3 });
  comeBack({ serial: 5 });
  assert.deepEqual(socket().told, [{ type: "resume", session: "t1", serial: 5 }]);
  socket().say({ type: "notice", level: "info", text: "a", serial: 5 });
  socket().say({ type: "chat", player_id: "p2", text: "c", serial: 7 });
  socket().say({ type: "event", tick: 3, name: "hit", data: { by: "p2" }, serial: 8 });
  // The answer to the first ping: all that was missed has come.
  socket().say({ type: "pong", time: time / 1000, server_time: 7, tick: 0 });
  socket().say({ type: "chat", player_id: "p2", text: "d", serial: 9 });
  const lines = events.filter(([name]) => ["chat", "notice", "event"].includes(name));
  assert.deepEqual(
    lines.map(([, { text, name, missed }]) => [text ?? name, missed]),
    [
      ["a", undefined],
      ["b", undefined],
      ["c", true],
      ["hit", true],
      ["d", undefined],
    ],
  );
});

test("results are kept over a cut as long as the server shows them", async () => {
  const over = { type: "game_over", tick: 90, reason: "time", results: [], next_in: 10, match_id: "m1", serial: 2 };
  await join({ status: "in-progress" });
  socket().say(over);
  socket().say({ type: "rated", ratings: [{ player_id: "p1", before: 1000, after: 990 }] });
  comeBack({ status: "ended", serial: 2 });
  assert.equal(client.lastResults.match_id, "m1");
  assert.equal(client.lastRatings.length, 1);
  comeBack({ status: "waiting", serial: 2 });
  assert.equal(client.lastResults, null);
  assert.equal(client.lastRatings, null);
});

test("a seat that was taken away is lost with a reason", async () => {
  for (const reason of ["kicked", "banned", "voted_out"]) {
    await join();
    socket().say({ type: "player_left", player_id: "p1", reason });
    assert.equal(last("closed").code, reason);
    assert.match(last("closed").message, /room/);
    assert.equal(client.canResume(), false);
  }
});

// --- what one plays ---------------------------------------------------------------------------------------------------

const predict = () =>
  client.predict({
    read: () => ({ move: 1 }),
    neutral: { move: 0 },
    step: ({ x }, { move }) => ({ x: x + move }),
    state: ({ world, playerId }) => world.entity("balls", playerId, {}),
    blend: ["x"],
  });

/** The server's snapshot of a tick. */
function snapshots(encoder = new SnapshotEncoder(TABLES), keyframe = true) {
  return (tick) => {
    const rows = { balls: new Map([["p1", [tick * 8]]]) };
    socket().sayBytes(encoder.snapshot(rows, { tick, keyframe, ack: 0, margin: null }));
    keyframe = false;
  };
}

const pong = () => socket().say({ type: "pong", time: time / 1000 - 0.04, server_time: 7, tick: 0 });
const inputs = () => socket().told.filter(({ type }) => type === "input");

test("in a pause nothing is predicted, and afterwards it begins with the first tick", async () => {
  await join({ status: "in-progress", can_pause: true });
  pong();
  const me = predict();
  const snapshot = snapshots();
  for (let tick = 0; tick < 5; tick += 1) {
    snapshot(tick);
    pass(33);
  }
  assert.equal(me.running, true);
  assert.notEqual(me.sample(time / 1000), null);
  socket().say({ type: "room_changed", paused: true });
  assert.deepEqual(last("paused"), { paused: true, resumesAt: 0 });
  assert.equal(client.playing, false);
  assert.equal(me.running, false);
  const count = inputs().length;
  pass(5000);
  pong();
  assert.equal(inputs().length, count);
  socket().say({ type: "room_changed", paused: false, resumes_in: 3 });
  assert.deepEqual(last("paused"), { paused: false, resumesAt: time + 3000 });
  // Whether it is said at the beginning or at the end of the countdown: the match goes on with its next tick.
  pass(3000);
  pong();
  snapshot(4);
  assert.equal(me.running, false);
  snapshot(5);
  assert.equal(client.playing, true);
  assert.equal(me.running, true);
  pass(200);
  assert.ok(me.tick >= 5 && me.tick < 30, `tick ${me.tick}`);
  assert.ok(inputs().length > count);
});

test("after a pause the picture goes on where it stopped", async () => {
  await join({ status: "in-progress" });
  const smooth = client.interpolate();
  const snapshot = snapshots();
  for (let tick = 0; tick < 30; tick += 1) {
    snapshot(tick);
    pass(33);
    smooth.sample(time / 1000);
  }
  socket().say({ type: "room_changed", paused: true });
  for (let frame = 0; frame < 300; frame += 1) {
    pass(16);
    smooth.sample(time / 1000);
  }
  socket().say({ type: "room_changed", paused: false });
  let before = -Infinity;
  for (let tick = 30; tick < 60; tick += 1) {
    snapshot(tick);
    pass(33);
    const { playhead } = smooth.sample(time / 1000);
    if (tick > 31) assert.ok(playhead >= before, `${playhead} after ${before}`);
    // Two or three ticks behind, as always.
    if (tick > 34) assert.ok(tick + 1 - playhead < 5 && tick + 1 - playhead > 0, `${playhead} at ${tick}`);
    before = playhead;
  }
});

test("who is out predicts no more, until the next match", async () => {
  await join({ status: "in-progress" });
  pong();
  const me = predict();
  const snapshot = snapshots();
  snapshot(0);
  pass(100);
  socket().say({ type: "player_changed", player: { ...ANN, out: true } });
  assert.equal(client.playing, false);
  assert.equal(me.running, false);
  socket().say({ type: "watching", starts_in: 2 });
  assert.deepEqual(last("watching"), { starts_in: 2 });
  const count = inputs().length;
  // The stream of the others begins with a keyframe, of an older tick.
  snapshots()(0);
  pass(500);
  assert.equal(inputs().length, count);
  socket().say({ type: "player_changed", player: ANN });
  socket().say({ type: "game_started", tick: 0, settings: {}, static: {} });
  assert.equal(me.running, true);
});

test("a spectator watches, and says nothing that only players may", async () => {
  await join(
    { role: "spectator", player_id: "s7", status: "in-progress", spectator_delay: 2, host: null },
    { name: "Ann", room: "K7QPX", role: "spectator" },
  );
  assert.deepEqual(socket().told[0], { type: "join", name: "Ann", room: "K7QPX", role: "spectator" });
  assert.equal(client.spectating, true);
  assert.equal(client.me, null);
  assert.equal(client.isHost, false);
  pong();
  const me = predict();
  snapshots()(60);
  pass(500);
  assert.equal(me.running, false);
  assert.equal(me.sample(time / 1000), null);
  assert.equal(client.sendInput({ move: 1 }), 0);
  assert.deepEqual(told(), []);
  assert.equal(client.state.balls.p1.x, 60);
  // A seat that is gone is asked for anew: to watch again.
  socket().readyState = 3;
  socket().onclose({ code: 1006, reason: "" });
  pass(1000);
  socket().open();
  socket().say({ type: "error", code: "session_expired", message: "gone" });
  assert.deepEqual(socket().told[1], { type: "join", name: "Ann", room: "K7QPX", role: "spectator" });
});

test("a spectator waits for a stream that begins only later", async () => {
  const joining = client.join({ name: "Ann", room: "K7QPX", role: "spectator" });
  socket().open();
  socket().say({ type: "watching", starts_in: 2 });
  assert.deepEqual(last("watching"), { starts_in: 2 });
  socket().say({ ...JOINED, role: "spectator", player_id: "s7" });
  assert.equal((await joining).role, "spectator");
});
