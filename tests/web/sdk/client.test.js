import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { Client } from "../../../src/rumpus/web/sdk/client.js";
import { FakeSocket } from "../fakes/fake-socket.js";
import { SnapshotEncoder } from "../fakes/snapshot-encoder.js";
import { fixed, int, table } from "../fakes/tables.js";

const ANN = { player_id: "p1", name: "Ann", team: null, bot: false };
const JOINED = {
  type: "joined",
  player_id: "p1",
  room_id: "K7QPX",
  game: "arena",
  tick_rate: 30,
  send_rate: 30,
  tick: 0,
  status: "waiting",
  settings: {},
  players: [ANN],
  session: "s",
  max_players: 8,
  min_players: 2,
  start: "now",
  teams: [],
  private: false,
  schema: {},
};

/** @type {Client} */
let client;

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  FakeSocket.all = [];
  globalThis.WebSocket = /** @type {any} */ (FakeSocket);
  client = new Client({ url: "ws://test/ws", guest: null });
});

const socket = () => FakeSocket.all[FakeSocket.all.length - 1];

async function join() {
  const joined = client.join({ name: "Ann", options: { settings: { mode: "ffa" } } });
  socket().open();
  socket().say(JOINED);
  await joined;
}

test("joins, and knows who is in the room", async () => {
  await join();
  assert.deepEqual(socket().protocols, ["rumpus.v1.msgpack"]);
  assert.equal(socket().binaryType, "arraybuffer");
  assert.deepEqual(socket().told, [{ type: "join", name: "Ann", options: { settings: { mode: "ffa" } } }]);
  assert.equal(client.connection, "joined");
  assert.equal(client.playerId, "p1");
  socket().say({ type: "player_joined", player: { player_id: "p2", name: "Bob", team: null, bot: true } });
  assert.deepEqual([...client.players.keys()], ["p1", "p2"]);
  socket().say({ type: "player_left", player_id: "p2", reason: "left" });
  assert.deepEqual([...client.players.keys()], ["p1"]);
});

test("a refused join rejects with the server's code", async () => {
  const joined = client.join({ name: "Ann", room: "NOPE" });
  socket().open();
  socket().say({ type: "error", code: "room_not_found", message: "no" });
  await assert.rejects(joined, { name: "RumpusError", code: "room_not_found" });
  assert.equal(client.connection, "closed");
});

test("a server that cannot be reached rejects too", async () => {
  const joined = client.join({ name: "Ann" });
  socket().close();
  await assert.rejects(joined, { code: "unreachable" });
});

test("keeps the state up to date and numbers its inputs", async () => {
  await join();
  socket().say({ type: "game_started", tick: 0, settings: {} });
  assert.equal(client.room.status, "in-progress");
  socket().say({ type: "state", tick: 1, state: { a: { x: 1 }, b: 2 } });
  const first = client.state;
  socket().say({ type: "delta", tick: 2, patch: { a: { x: 5 }, b: null }, ack: 7 });
  assert.deepEqual(client.state, { a: { x: 5 } });
  assert.deepEqual(first, { a: { x: 1 }, b: 2 });
  assert.equal(client.ack, 7);
  assert.equal(client.sendInput({ fire: true }), 1);
  assert.equal(client.sendInput({ fire: false }), 2);
  assert.deepEqual(socket().told.at(-1), { type: "input", seq: 2, data: { fire: false } });
});

test("a lost connection comes back to the same room, not to a new one", async () => {
  await join();
  const states = [];
  client.on("connection", ({ connection }) => states.push(connection));
  let again = false;
  client.on("joined", (joined) => (again = joined.again));
  const first = socket();
  first.onclose({ code: 1006, reason: "" });
  assert.equal(client.connection, "reconnecting");
  mock.timers.tick(1000);
  assert.notEqual(socket(), first);
  socket().open();
  assert.deepEqual(socket().told, [{ type: "resume", session: "s", serial: 0 }]);
  // This server knows nothing of coming back.
  socket().say({ type: "error", code: "unknown_type", message: "resume?" });
  assert.deepEqual(socket().told.slice(1), [{ type: "join", name: "Ann", room: "K7QPX" }]);
  socket().say(JOINED);
  assert.equal(again, true);
  assert.deepEqual(states, ["reconnecting", "joined"]);
});

test("gives up when the room is gone, and says so", async () => {
  await join();
  let closed = null;
  client.on("closed", (problem) => (closed = problem));
  socket().onclose({ code: 1001, reason: "" });
  mock.timers.tick(1000);
  socket().open();
  socket().say({ type: "error", code: "session_expired", message: "over" });
  socket().say({ type: "error", code: "room_not_found", message: "gone" });
  assert.equal(closed.code, "room_not_found");
  assert.equal(client.connection, "closed");
  const count = FakeSocket.all.length;
  mock.timers.tick(60_000);
  assert.equal(FakeSocket.all.length, count);
});

test("leaving says so and does not come back", async () => {
  await join();
  const left = socket();
  client.leave();
  assert.deepEqual(left.told.at(-1), { type: "leave" });
  mock.timers.tick(60_000);
  assert.equal(FakeSocket.all.length, 1);
  assert.equal(client.connection, "idle");
});

test("errors in the middle of a match are told, and cost nothing", async () => {
  await join();
  let code = "";
  client.on("error", (error) => (code = error.code));
  socket().say({ type: "error", code: "rate_limited", message: "slow down" });
  assert.equal(code, "rate_limited");
  assert.equal(client.connection, "joined");
});

// --- games with a world -----------------------------------------------------------------------------------------------

const TABLES = [
  table("match", [int("wave")], { single: true }),
  table("players", [fixed("x", { moves: true }), fixed("y", { moves: true })]),
];

/** Join a game of tables in the middle of a match. */
async function joinWorld() {
  const joined = client.join({ name: "Ann" });
  socket().open();
  socket().say({
    ...JOINED,
    status: "in-progress",
    schema: { input: {}, tables: TABLES },
    static: { map: { width: 9 } },
  });
  await joined;
  return new SnapshotEncoder(TABLES);
}

const rows = (x, wave = 1) => ({ match: new Map([["", [wave]]]), players: new Map([["p1", [x * 8, 0]]]) });

test("a world's state is plain data too, with what never changes in it", async () => {
  const server = await joinWorld();
  assert.equal(client.state, null);
  socket().sayBytes(server.snapshot(rows(3), { tick: 7, ack: 0, keyframe: true }));
  const first = client.state;
  assert.deepEqual(first, { map: { width: 9 }, wave: 1, players: { p1: { x: 3, y: 0 } } });
  assert.equal(client.state, first);
  assert.equal(client.tick, 7);
  assert.equal(client.ack, 0);
  socket().sayBytes(server.snapshot(rows(4), { tick: 8, ack: 6 }));
  assert.equal(client.state.players.p1.x, 4);
  assert.equal(first.players.p1.x, 3);
  assert.equal(client.ack, 5);
  assert.equal(client.world.table("players").count, 1);
  assert.deepEqual(client.static, { map: { width: 9 } });
});

test("snapshots are told as states, and their events as events", async () => {
  const server = await joinWorld();
  const told = [];
  client.on("state", ({ tick, state }) => told.push([tick, state.players.p1.x]));
  client.on("event", ({ tick, name, data }) => told.push([tick, name, data]));
  const smooth = client.interpolate({});
  socket().sayBytes(server.snapshot(rows(3), { tick: 7, keyframe: true, events: [[7, "hit", { by: "p2" }]] }));
  assert.deepEqual(told, [
    [7, 3],
    [7, "hit", { by: "p2" }],
  ]);
  const later = performance.now() / 1000 + 1;
  assert.equal(smooth.sample(later).events.length, 1);
});

test("a new match may bring another map", async () => {
  const server = await joinWorld();
  socket().sayBytes(server.snapshot(rows(3), { tick: 7, keyframe: true }));
  socket().say({ type: "game_started", tick: 0, settings: {}, static: { map: { width: 5 } } });
  socket().sayBytes(new SnapshotEncoder(TABLES).snapshot(rows(2), { tick: 0, keyframe: true }));
  assert.deepEqual(client.state, { map: { width: 5 }, wave: 1, players: { p1: { x: 2, y: 0 } } });
});

test("a game of plain data has no world", async () => {
  await join();
  assert.equal(client.world, null);
  assert.deepEqual(client.static, {});
});

test("what cannot be read ends the connection, and a fresh one brings everything anew", async () => {
  for (const damaged of [[0xc1, 0, 1, 0, 99, 1, 1], [0xc1], [0x81, 0xa1], [0xc7, 1, 1, 1]]) {
    const server = await joinWorld();
    let problem = null;
    const stop = client.on("error", (error) => (problem = error));
    socket().sayBytes(server.snapshot(rows(3), { tick: 7, keyframe: true }));
    const broken = socket();
    broken.sayBytes(Uint8Array.from(damaged));
    stop();
    assert.equal(problem.code, damaged[0] === 0xc1 ? "bad_snapshot" : "bad_message");
    assert.equal(broken.closedWith, 4000);
    assert.equal(client.connection, "reconnecting");
    mock.timers.tick(1000);
    assert.notEqual(socket(), broken);
    socket().open();
    socket().say({ ...JOINED, status: "in-progress", schema: { tables: TABLES }, static: {} });
    socket().sayBytes(new SnapshotEncoder(TABLES).snapshot(rows(5), { tick: 9, keyframe: true }));
    assert.equal(client.state.players.p1.x, 5);
    client.leave();
  }
});

test("a server whose snapshots are always damaged is given up", async () => {
  await joinWorld();
  let closed = null;
  client.on("closed", (problem) => (closed = problem));
  for (let attempt = 0; attempt < 20 && !closed; attempt += 1) {
    socket().sayBytes(Uint8Array.from([0xc1, 0]));
    if (closed) break;
    mock.timers.tick(10_000);
    socket().open();
    socket().say({ ...JOINED, schema: { tables: TABLES } });
  }
  assert.equal(closed.code, "bad_snapshot");
  assert.equal(client.connection, "closed");
});

test("a game with columns that this client does not know is not joined", async () => {
  const joined = client.join({ name: "Ann" });
  socket().open();
  socket().say({ ...JOINED, schema: { tables: [table("t", [{ name: "c", type: "colour", bytes: 9 }])] } });
  await assert.rejects(joined, { code: "bad_snapshot" });
  assert.equal(client.connection, "closed");
});

test("a binary snapshot for a game without tables is damage too", async () => {
  await join();
  socket().sayBytes(Uint8Array.from([0xc1, 1, 0, 0]));
  assert.equal(client.connection, "reconnecting");
});

test("a connection on which nothing is heard is dead", async (t) => {
  await join();
  t.mock.method(performance, "now", () => 1e9);
  mock.timers.tick(2500);
  assert.equal(client.connection, "reconnecting");
});
