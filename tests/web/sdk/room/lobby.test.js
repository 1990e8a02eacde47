import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { Client } from "../../../../src/rumpus/web/sdk/client.js";
import { partyCode, partyLink, seatLink } from "../../../../src/rumpus/web/sdk/net/addresses.js";
import { FakeSocket } from "../../fakes/fake-socket.js";

const ANN = { player_id: "p1", name: "Ann", team: null, bot: false };
const JOINED = {
  ...{ type: "joined", player_id: "p1", room_id: "K7QPX", game: "tag", tick_rate: 30, send_rate: 30, tick: 0 },
  ...{ status: "waiting", settings: {}, players: [ANN], session: "t1", max_players: 8, min_players: 2, start: "now" },
  ...{ teams: [], private: false, schema: {}, reconnect_time: 30 },
};
const ROOM = {
  ...{ room_id: "AAAAA", game: "tag", status: "waiting", players: 1, bots: 0, reserved: 0, max_players: 8 },
  ...{ spectators: 0, max_spectators: 16, open: true, locked: false, title: "", language: null, rating: null },
  settings: { mode: "ffa" },
};
const PARTY = { type: "party", code: "PPPPP", you: "m1", leader: "m1", members: [] };

/** @type {Client} */
let client;
let events;

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  FakeSocket.all = [];
  globalThis.WebSocket = /** @type {any} */ (FakeSocket);
  client = new Client({ url: "ws://test/ws", guest: null });
  events = [];
  for (const name of ["queued", "queue_left", "rooms", "party", "party_left", "joined", "closed", "error", "watching"])
    client.on(/** @type {any} */ (name), (payload) => events.push([name, payload]));
});

const socket = () => FakeSocket.all[FakeSocket.all.length - 1];
const told = () => socket().told;
const settle = async () => {
  for (let turn = 0; turn < 6; turn += 1) await null;
};

async function watch() {
  const watching = client.watchRooms();
  socket().open();
  await settle();
  socket().say({ type: "rooms", rooms: [ROOM] });
  return watching;
}

async function found() {
  const founding = client.createParty("Ann");
  if (socket().readyState === 0) socket().open();
  await settle();
  socket().say(PARTY);
  return founding;
}

function lose() {
  socket().readyState = 3;
  socket().onclose({ code: 1006, reason: "" });
  mock.timers.tick(1000);
  socket().open();
}

// --- the queue --------------------------------------------------------------------------------------------------------

test("a join waits in the queue until a room is found", async () => {
  const joining = client.join({ name: "Ann" });
  socket().open();
  socket().say({ type: "queued", waited: 0, window: 200, searching: 3 });
  assert.deepEqual(client.queue, { waited: 0, window: 200, searching: 3 });
  assert.equal(client.connection, "connecting");
  socket().say({ type: "queued", waited: 2, window: 240, searching: 2 });
  socket().say(JOINED);
  assert.equal((await joining).room_id, "K7QPX");
  assert.equal(client.queue, null);
  assert.equal(events.filter(([name]) => name === "queued").length, 2);
});

test("who cancels is out of the queue, and of the seat that may be on its way", async () => {
  const joining = client.join({ name: "Ann" });
  socket().open();
  socket().say({ type: "queued", waited: 0, window: 200, searching: 3 });
  client.cancel();
  await assert.rejects(joining, { code: "cancelled" });
  assert.deepEqual(told().slice(1), [{ type: "cancel" }, { type: "leave" }]);
  assert.equal(client.connection, "idle");
  assert.equal(client.queue, null);
});

test("an AbortSignal cancels too, before and while", async () => {
  await assert.rejects(client.join({ name: "Ann" }, { signal: AbortSignal.abort() }), { code: "cancelled" });
  assert.equal(FakeSocket.all.length, 0);
  const control = new AbortController();
  const joining = client.join({ name: "Ann" }, { signal: control.signal });
  socket().open();
  control.abort();
  await assert.rejects(joining, { code: "cancelled" });
  // Afterwards the signal means nothing.
  const late = new AbortController();
  const next = client.join({ name: "Ann" }, { signal: late.signal });
  socket().open();
  socket().say(JOINED);
  await next;
  late.abort();
  assert.equal(client.connection, "joined");
});

test("a connection lost in the queue waits on with the next one", async () => {
  const joining = client.join({ name: "Ann", options: { language: "en" } });
  socket().open();
  socket().say({ type: "queued", waited: 0, window: 200, searching: 3 });
  lose();
  assert.deepEqual(told(), [{ type: "join", name: "Ann", options: { language: "en" } }]);
  socket().say(JOINED);
  await joining;
  assert.equal(events.at(-1)[1].again, false);
});

test("who stops waiting and keeps the connection is not seated by what was under way", async () => {
  await watch();
  const joining = client.join({ name: "Ann" });
  socket().say({ type: "queued", waited: 0, window: 200, searching: 3 });
  client.cancel();
  await assert.rejects(joining, { code: "cancelled" });
  assert.equal(client.connection, "connected");
  const barrier = socket().sent.findLast((message) => message.type === "ping");
  const second = client.join({ name: "Ann", room: "BBBBB" });
  socket().say(JOINED);
  socket().say({ type: "error", code: "not_joined", message: "no" });
  assert.equal(client.room, null);
  socket().say({ type: "pong", time: barrier.time, server_time: 1, tick: 0 });
  socket().say({ ...JOINED, room_id: "BBBBB" });
  assert.equal((await second).room_id, "BBBBB");
  assert.deepEqual(
    events.filter(([name]) => name === "joined" || name === "error").map(([name]) => name),
    ["joined"],
  );
});

// --- who it is --------------------------------------------------------------------------------------------------------

test("a guest has a random key, the same for all clients of a page", () => {
  const one = new Client({ url: "ws://test/ws" });
  const other = new Client({ url: "ws://test/ws" });
  assert.match(String(one.guest), /^[A-Za-z0-9_-]{32}$/);
  assert.equal(other.guest, one.guest);
  void one.join({ name: "Ann" }).catch(() => {});
  socket().open();
  assert.deepEqual(told(), [{ type: "join", name: "Ann", guest: one.guest }]);
  one.disconnect();
});

test("a ticket is text, or got anew for each attempt", async () => {
  let tickets = 0;
  const joining = client.join({ name: "Ann", token: async () => `ticket ${++tickets}` });
  socket().open();
  await settle();
  assert.deepEqual(told(), [{ type: "join", name: "Ann", token: "ticket 1" }]);
  socket().say({ ...JOINED, reconnect_time: 0 });
  await joining;
  lose();
  assert.deepEqual(told().map(({ type }) => type), ["resume"]);
  socket().say({ type: "error", code: "session_expired", message: "over" });
  await settle();
  assert.deepEqual(told().slice(1), [{ type: "join", name: "Ann", room: "K7QPX", token: "ticket 2" }]);
  client.leave();
  void client.join({ name: "Ann", token: "mine" }).catch(() => {});
  socket().open();
  assert.deepEqual(told(), [{ type: "join", name: "Ann", token: "mine" }]);
  client.leave();
});

test("without a ticket there is no seat", async () => {
  const joining = client.join({ name: "Ann", token: () => Promise.reject(new Error("not signed in")) });
  socket().open();
  await assert.rejects(joining, { code: "no_ticket", message: /not signed in/ });
});

// --- the list of rooms ------------------------------------------------------------------------------------------------

test("the list of rooms is live, and can be searched", async () => {
  const rooms = await watch();
  assert.equal(client.connection, "connected");
  assert.deepEqual(told(), [{ type: "watch_rooms", on: true }]);
  assert.equal(client.rooms, rooms);
  const full = { ...ROOM, room_id: "BBBBB", players: 8, open: false, title: "Late night", rating: 1200 };
  const coop = { ...ROOM, room_id: "CCCCC", players: 3, settings: { mode: "waves" }, language: "de" };
  socket().say({ type: "rooms_changed", rooms: [full, coop], gone: [] });
  const ids = (filter) => rooms.find(filter).map((room) => room.room_id);
  assert.deepEqual(ids(), ["BBBBB", "CCCCC", "AAAAA"]);
  assert.deepEqual(ids({ open: true }), ["CCCCC", "AAAAA"]);
  assert.deepEqual(ids({ settings: { mode: "ffa" } }), ["BBBBB", "AAAAA"]);
  assert.deepEqual(ids({ language: "de" }), ["CCCCC"]);
  assert.deepEqual(ids({ text: "NIGHT" }), ["BBBBB"]);
  assert.deepEqual(ids({ sort: "title" }), ["BBBBB", "AAAAA", "CCCCC"]);
  socket().say({ type: "rooms_changed", rooms: [{ ...ROOM, players: 5 }], gone: ["BBBBB"] });
  assert.deepEqual(ids(), ["AAAAA", "CCCCC"]);
  assert.equal(rooms.get("AAAAA").players, 5);
  assert.equal(events.filter(([name]) => name === "rooms").length, 3);
  client.unwatchRooms();
  assert.deepEqual(told().at(-1), { type: "watch_rooms", on: false });
  assert.equal(client.connection, "idle");
  assert.equal(client.rooms, null);
});

test("a lost connection is asked for the list again", async () => {
  await watch();
  lose();
  assert.deepEqual(told(), [{ type: "watch_rooms", on: true }]);
  socket().say({ type: "rooms", rooms: [] });
  assert.equal(client.rooms.size, 0);
  assert.equal(client.connection, "connected");
});

test("a room that refuses leaves the list as it is", async () => {
  await watch();
  const joining = client.join({ name: "Ann", room: "BBBBB" });
  assert.equal(FakeSocket.all.length, 1);
  socket().say({ type: "error", code: "room_full", message: "full" });
  await assert.rejects(joining, { code: "room_full" });
  assert.equal(client.connection, "connected");
  assert.equal(client.rooms.size, 1);
});

test("a list that cannot be had says why", async () => {
  const watching = client.watchRooms();
  socket().close();
  await assert.rejects(watching, { code: "unreachable" });
  const refused = client.watchRooms();
  socket().open();
  await settle();
  socket().say({ type: "error", code: "server_busy", message: "later" });
  await assert.rejects(refused, { code: "server_busy" });
  assert.equal(client.rooms, null);
});

// --- parties ----------------------------------------------------------------------------------------------------------

test("a party leads the way: its members are seated without having asked", async () => {
  const party = await found();
  assert.equal(party.leads, true);
  socket().say({ ...PARTY, leader: "m2" });
  assert.equal(client.party.leads, false);
  socket().say(JOINED);
  assert.equal(client.connection, "joined");
  assert.equal(client.playerId, "p1");
  assert.equal(events.at(-1)[1].again, false);
  // And on to the next room.
  socket().say({ type: "player_left", player_id: "p1", reason: "moved" });
  assert.equal(client.connection, "joined");
  socket().say({ ...JOINED, room_id: "BBBBB", player_id: "p9", session: "t2" });
  assert.equal(client.room.room_id, "BBBBB");
  client.leave();
  assert.deepEqual(told().at(-1), { type: "leave" });
  assert.equal(client.connection, "connected");
  assert.equal(client.party.code, "PPPPP");
  client.leaveParty();
  assert.deepEqual(told().at(-1), { type: "leave_party" });
  assert.equal(client.connection, "idle");
});

test("who was cut off is in the party again, after the seat", async () => {
  await found();
  socket().say(JOINED);
  lose();
  assert.deepEqual(told(), [{ type: "resume", session: "t1", serial: 0 }]);
  mock.timers.tick(3000);
  assert.equal(socket().sent.length, 1);
  socket().say({ ...JOINED, resumed: true, session: "t2" });
  assert.deepEqual(told()[1], { type: "party", code: "PPPPP", name: "Ann" });
  // A server that knew it already may say so.
  socket().say({ type: "error", code: "not_possible", message: "you are in it" });
  assert.equal(client.party.code, "PPPPP");
  lose();
  socket().say({ ...JOINED, resumed: true, session: "t3" });
  socket().say({ type: "error", code: "party_not_found", message: "gone" });
  assert.equal(client.party, null);
  assert.deepEqual(events.at(-1), ["party_left", { reason: "closed" }]);
  assert.equal(client.connection, "joined");
});

test("a leader cut off in the queue is in the party before they wait again", async () => {
  await found();
  const joining = client.join({ name: "Ann" });
  socket().say({ type: "queued", waited: 0, window: 200, searching: 3 });
  lose();
  assert.deepEqual(told(), [
    { type: "party", code: "PPPPP", name: "Ann" },
    { type: "join", name: "Ann" },
  ]);
  socket().say(PARTY);
  socket().say(JOINED);
  assert.equal((await joining).room_id, "K7QPX");
});

test("who enters a party says who they are, as a guest or by a ticket, and again on a new connection", async () => {
  const key = "0123456789abcdef";
  client = new Client({ url: "ws://test/ws", guest: key });
  let tickets = 0;
  for (const token of [undefined, "ticket", () => `ticket ${(tickets += 1)}`]) {
    const founding = client.createParty("Ann", { token });
    if (socket().readyState === 0) socket().open();
    await settle();
    const who = (/** @type {number} */ times) => ({
      ...{ type: "party", name: "Ann", guest: key },
      ...(token && { token: typeof token === "string" ? token : `ticket ${times}` }),
    });
    assert.deepEqual(told().at(-1), who(1));
    socket().say(PARTY);
    await founding;
    lose();
    await settle();
    assert.deepEqual(told(), [{ ...who(2), code: "PPPPP" }]);
    socket().say(PARTY);
    client.leaveParty();
  }
});

test("without a ticket there is no way back into a party", async () => {
  let fails = false;
  const entering = client.enterParty("PPPPP", "Ann", {
    token: async () => {
      if (fails) throw new Error("not today");
      return "ticket";
    },
  });
  socket().open();
  await settle();
  socket().say(PARTY);
  await entering;
  fails = true;
  lose();
  await settle();
  assert.equal(client.party, null);
  assert.deepEqual(told(), []);
  await assert.rejects(client.createParty("Ann", { token: () => Promise.reject(new Error("nor now")) }), { code: "no_ticket" });
});

test("who was led into a room joins another one with the same ticket after a restart", async () => {
  const founding = client.createParty("Ann", { token: "ticket" });
  socket().open();
  await settle();
  socket().say({ ...PARTY, leader: "m2" });
  await founding;
  socket().say(JOINED);
  lose();
  socket().say({ type: "error", code: "server_restarted", message: "gone" });
  await settle();
  const join = told().find(({ type }) => type === "join");
  assert.equal(join?.token, "ticket");
  assert.equal(join?.name, "Ann");
});

test("a party that cannot be entered says why", async () => {
  const entering = client.enterParty("QQQQQ", "Ann");
  socket().open();
  await settle();
  assert.deepEqual(told(), [{ type: "party", code: "QQQQQ", name: "Ann" }]);
  socket().say({ type: "error", code: "party_not_found", message: "no such party" });
  await assert.rejects(entering, { code: "party_not_found" });
});

test("kicked from a room, the party is still there", async () => {
  await found();
  socket().say(JOINED);
  socket().say({ type: "player_left", player_id: "p1", reason: "kicked" });
  assert.equal(events.at(-1)[1].code, "kicked");
  assert.equal(client.connection, "connected");
  assert.equal(client.party.code, "PPPPP");
});

test("seats are kept for others", async () => {
  const reserving = client.reserve(2, { room: "K7QPX" });
  socket().open();
  await settle();
  assert.deepEqual(told(), [{ type: "reserve", seats: 2, room: "K7QPX" }]);
  socket().say({ type: "reserved", room_id: "K7QPX", seats: ["a", "b"], expires_in: 15 });
  assert.deepEqual(await reserving, { room_id: "K7QPX", seats: ["a", "b"], expires_in: 15 });
  assert.equal(seatLink("K7QPX", "a", "https://x"), "https://x/?room=K7QPX&seat=a");
  assert.equal(partyCode(partyLink("PPPPP", "https://x")), "PPPPP");
  const lost = client.reserve(1);
  await settle();
  socket().close();
  await assert.rejects(lost, { code: "unreachable" });
});

test("everything can be ended at once", async () => {
  await watch();
  await found();
  socket().say(JOINED);
  client.disconnect();
  assert.equal(client.connection, "idle");
  assert.equal(client.party, null);
  assert.equal(client.rooms, null);
  mock.timers.tick(60_000);
  assert.equal(FakeSocket.all.length, 1);
});
