/** The server is restarted: a short wait, and everybody is in a room again, with the same people where that can be. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { Client } from "../../../src/rumpus/web/sdk/client.js";
import { RestartingServer } from "../fakes/restarting-server.js";
import { QueueSocket } from "../fakes/seat-server.js";

let now = 0;
/** @type {RestartingServer} */
let server;

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] });
  now = 1000;
  mock.method(performance, "now", () => now);
  QueueSocket.all = [];
  QueueSocket.reachable = true;
  globalThis.WebSocket = /** @type {any} */ (QueueSocket);
  server = new RestartingServer();
});

afterEach(() => {
  mock.restoreAll();
  delete globalThis.sessionStorage;
});

/** All that is under way arrives. */
async function flow() {
  for (let turn = 0; turn < 100; turn += 1) {
    let moved = false;
    for (const socket of QueueSocket.all) {
      if (socket.readyState === 0) {
        if (socket.dead) socket.tellClient();
        else socket.open();
        moved = true;
      }
      while (server.take(socket)) moved = true;
      while (socket.deliver()) moved = true;
    }
    for (let step = 0; step < 4; step += 1) await null;
    if (!moved) return;
  }
  assert.fail("clients and a server that never come to rest");
}

async function pass(seconds) {
  for (let step = 0; step < seconds * 20; step += 1) {
    now += 50;
    mock.timers.tick(50);
    await flow();
  }
}

/** A client, and what it tells. */
class Guest {
  told = [];
  constructor(options = {}) {
    this.client = new Client({ url: "ws://test/ws", guest: null, ...options });
    for (const name of /** @type {const} */ (["joined", "restarted", "closed", "connection", "party_left", "queued"]))
      this.client.on(name, (payload) => this.told.push([name, payload]));
  }

  async join(request) {
    const joining = this.client.join({ name: "Ann", ...request });
    await flow();
    return joining;
  }

  get room() {
    return this.client.room?.room_id ?? null;
  }

  heard(name) {
    return this.told.filter(([each]) => each === name).map(([, payload]) => payload);
  }
}

async function restart({ seconds = 6, code = 1001, ...changes } = {}) {
  for (const socket of QueueSocket.all) {
    socket.cut();
    socket.tellClient(code);
  }
  QueueSocket.reachable = false;
  await pass(seconds);
  server.restart(changes);
  QueueSocket.reachable = true;
}

for (const code of [1001, 1006])
  test(`those who were together are together again, within two seconds (close code ${code})`, async () => {
    const quick = [new Guest(), new Guest(), new Guest(), new Guest()];
    for (const guest of quick) await guest.join({ options: { ship: "red" } });
    const friends = [new Guest(), new Guest()];
    const made = await friends[0].join({ options: { create: true, title: "Friday" } });
    await friends[1].join({ room: made.room_id });
    const before = [...quick, ...friends].map((guest) => guest.room);
    assert.deepEqual(before, ["NEW1", "NEW1", "NEW2", "NEW2", "NEW3", "NEW3"]);
    // Long enough for whoever looks for the server to have lost heart, and short of it.
    await restart({ code, seconds: 20 });
    await pass(1.7);
    assert.deepEqual([...quick, ...friends].map((guest) => guest.room), before);
    for (const guest of [...quick, ...friends]) {
      assert.deepEqual(guest.heard("restarted"), [{ again: true, same: true, room_id: guest.room }]);
      const { again, restarted, resumed } = guest.heard("joined")[1];
      assert.deepEqual([again, restarted, resumed], [true, true, false]);
      assert.deepEqual(guest.heard("closed"), []);
    }
    const { open, title, host } = server.rooms.get("NEW3");
    assert.deepEqual([open, title], [false, "Friday"]);
    assert.ok(host);
    assert.ok(server.rooms.get("NEW1").open);
    // What a game is told of a player stays the same.
    assert.ok(server.asked.filter(({ options }) => options?.ship === "red").length === 4);
  });

test("what a room is like is told by each, so that it matters not who is first", async () => {
  const host = new Guest();
  const other = new Guest();
  const { room_id } = await host.join({ options: { create: true, private: false, settings: { mode: "ffa" } } });
  await other.join({ room: room_id });
  QueueSocket.all[0].down.push({ type: "room_changed", locked: true, settings: { mode: "duel", limit: 9 } });
  QueueSocket.all[1].down.push({ type: "room_changed", locked: true, settings: { mode: "duel", limit: 9 } });
  await flow();
  await restart();
  await pass(2);
  const kinds = server.asked.filter(({ type }) => type === "join").map(({ options }) => options);
  assert.equal(kinds.length, 2);
  for (const { host: _, ...kind } of kinds)
    assert.deepEqual(kind, {
      ...{ create: true, private: true, title: "", language: null, max_players: 2, bots: 1, reopen: true, filter: {} },
      settings: { mode: "duel" },
    });
  assert.deepEqual(kinds.map(({ host: each }) => each).sort(), [false, true]);
});

test("a server that opens no room again: quick play for whom it was quick play", async () => {
  const ann = new Guest();
  await ann.join({ options: { settings: { mode: "ffa" } } });
  await restart({ reopens: false });
  server.open("OTHER");
  await pass(2);
  assert.equal(ann.room, "OTHER");
  assert.deepEqual(ann.heard("restarted"), [{ again: true, same: false, room_id: "OTHER" }]);
  assert.deepEqual(server.asked.at(-1), { type: "join", name: "Ann", options: { settings: { mode: "ffa" } } });
  // And the next time it is that room.
  await restart({ reopens: true });
  await pass(2);
  assert.equal(ann.room, "OTHER");
});

test("and who had come by a code is told that the room is gone", async () => {
  const made = new Guest();
  const guest = new Guest();
  await guest.join({ room: (await made.join({ options: { create: true } })).room_id });
  await restart({ reopens: false });
  await pass(2);
  assert.equal(made.room, "NEW2");
  assert.equal(guest.room, null);
  assert.deepEqual(guest.heard("restarted"), [{ again: false, same: false, room_id: "NEW1" }]);
  const [closed] = guest.heard("closed");
  assert.equal(closed.code, "room_not_found");
  assert.match(closed.message, /^The server was restarted, and the room/);
  assert.equal(guest.client.connection, "closed");
});

test("strangers have taken the seats: another room", async () => {
  const ann = new Guest();
  await ann.join({});
  await restart();
  const room = server.open("NEW1");
  room.people.push({ player_id: "x", name: "X" }, { player_id: "y", name: "Y" });
  await pass(2);
  assert.ok(ann.room && ann.room !== "NEW1");
  assert.equal(ann.heard("restarted")[0].same, false);
});

test("the server has come back with other settings: the room is opened as far as can be", async () => {
  const made = new Guest();
  await made.join({ options: { create: true, settings: { mode: "ffa" }, ship: "red" } });
  await restart({ settings: [] });
  await pass(2);
  assert.equal(made.room, "NEW1");
  const { settings, max_players, ship, create } = server.asked.at(-1).options;
  assert.deepEqual([settings, max_players, ship, create], [undefined, undefined, "red", true]);
  const quick = new Guest();
  await quick.join({});
  await restart({ reopens: false, settings: [] });
  await pass(2);
  assert.ok(quick.room);
});

test("spectators watch the room again when its players have opened it, and are told if nobody does", async () => {
  const ann = new Guest();
  const watcher = new Guest();
  await ann.join({});
  await watcher.join({ room: "NEW1", role: "spectator" });
  await restart();
  // The player is slow to notice.
  ann.client.leave();
  await pass(3);
  assert.equal(watcher.room, "NEW1");
  assert.equal(watcher.client.connection, "reconnecting");
  server.open("NEW1");
  await pass(2);
  assert.equal(watcher.client.connection, "joined");
  assert.equal(watcher.client.spectating, true);
  assert.deepEqual(watcher.heard("restarted"), [{ again: true, same: true, room_id: "NEW1" }]);
  await restart();
  await pass(30);
  assert.equal(watcher.heard("closed")[0].code, "room_not_found");
  assert.ok(server.asked.every(({ options }) => !options?.reopen));
});

test("a party is over, and its people are together all the same", async () => {
  const ann = new Guest();
  await ann.join({});
  // Its leader leads another there.
  QueueSocket.all[0].down.push({ type: "party", code: "PARTY", you: "m1", leader: "m1", members: [] });
  await flow();
  assert.equal(ann.client.party?.code, "PARTY");
  await restart();
  await pass(2);
  assert.equal(ann.room, "NEW1");
  assert.equal(ann.client.party, null);
  assert.deepEqual(ann.heard("party_left"), [{ reason: "closed" }]);
});

test("a page that was loaded again meanwhile comes back too", async () => {
  const kept = new Map();
  globalThis.sessionStorage = /** @type {any} */ ({
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
  });
  const quick = new Guest();
  await quick.join({ options: { settings: { mode: "ffa" } } });
  await restart();
  const old = quick.client;
  const page = new Guest();
  for (const each of QueueSocket.all) each.onclose = each.onmessage = each.onopen = () => {};
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"], now });
  const joined = page.client.resume();
  await flow();
  assert.equal((await joined).room_id, "NEW1");
  assert.deepEqual(page.heard("restarted"), [{ again: true, same: true, room_id: "NEW1" }]);
  assert.notEqual(old, page.client);
  // It still knows what was asked for at first.
  await restart({ reopens: false });
  await pass(2);
  assert.deepEqual(server.asked.at(-1).options, { settings: { mode: "ffa" } });
});

test("a seat that is gone with the server is not said to be held", async () => {
  const ann = new Guest();
  await ann.join({});
  await restart();
  const reconnecting = ann.heard("connection").filter(({ connection }) => connection === "reconnecting");
  assert.ok(reconnecting.length > 2);
  for (const { seatUntil } of reconnecting) assert.equal(seatUntil, 0);
});

test("a server that is busy at first is asked again", async () => {
  const ann = new Guest();
  await ann.join({});
  await restart();
  const take = server.take.bind(server);
  let busy = true;
  server.take = (socket) => {
    if (busy && socket.up[0]?.type === "join") {
      socket.up.shift();
      socket.down.push({ type: "error", code: "server_busy", message: "Busy." });
      return true;
    }
    return take(socket);
  };
  await pass(3);
  assert.equal(ann.client.connection, "reconnecting");
  busy = false;
  await pass(2);
  assert.equal(ann.room, "NEW1");
  assert.equal(ann.heard("restarted")[0].same, true);
});

test("an attempt that ends with an error and nothing else is over", async () => {
  const ann = new Guest();
  await ann.join({});
  await restart({ seconds: 0 });
  const count = QueueSocket.all.length;
  QueueSocket.reachable = false;
  while (QueueSocket.all.length === count) {
    now += 50;
    mock.timers.tick(50);
  }
  const attempt = QueueSocket.all.at(-1);
  QueueSocket.reachable = true;
  attempt.onerror();
  assert.equal(attempt.readyState, 3);
  await pass(2);
  assert.equal(ann.room, "NEW1");
});

test("whoever leaves meanwhile is not brought back", async () => {
  const ann = new Guest();
  await ann.join({});
  await restart();
  ann.client.leave();
  await pass(5);
  assert.equal(ann.client.connection, "idle");
  assert.deepEqual(server.asked, []);
  assert.deepEqual(ann.heard("restarted"), []);
});
