import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { Client } from "../../src/rumpus/web/sdk/client.js";

/** A WebSocket that goes nowhere: the test is the server. */
class FakeSocket {
  static OPEN = 1;
  /** @type {FakeSocket[]} */
  static all = [];
  readyState = 0;
  /** @type {any[]} */
  sent = [];

  constructor(url, protocols) {
    this.url = url;
    this.protocols = protocols;
    FakeSocket.all.push(this);
  }

  send(text) {
    this.sent.push(JSON.parse(text));
  }

  close() {
    if (this.readyState === 3) return;
    this.readyState = 3;
    queueMicrotask(() => this.onclose?.({ code: 1000, reason: "" }));
  }

  open() {
    this.readyState = 1;
    this.onopen();
  }

  say(message) {
    this.onmessage({ data: JSON.stringify(message) });
  }

  /** What the client sent, without its pings. */
  get told() {
    return this.sent.filter((message) => message.type !== "ping");
  }
}

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
  client = new Client({ url: "ws://test/ws" });
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
  assert.deepEqual(socket().protocols, ["rumpus.v1.json"]);
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
  assert.deepEqual(socket().told, [{ type: "join", name: "Ann", room: "K7QPX" }]);
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
