import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { Client } from "../../../src/rumpus/web/sdk/client.js";
import { generator } from "../fakes/random.js";
import { QueueSocket, SeatServer } from "../fakes/seat-server.js";

let now = 0;

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] });
  now = 1000;
  mock.method(performance, "now", () => now);
  QueueSocket.all = [];
  QueueSocket.reachable = true;
  globalThis.WebSocket = /** @type {any} */ (QueueSocket);
  globalThis.sessionStorage = /** @type {any} */ (new FakeStorage());
});

afterEach(() => {
  mock.restoreAll();
  delete globalThis.sessionStorage;
});

class FakeStorage extends Map {
  getItem = (key) => this.get(key) ?? null;
  setItem = (key, value) => void this.set(key, value);
  removeItem = (key) => void this.delete(key);
}

const settle = async () => {
  for (let turn = 0; turn < 4; turn += 1) await null;
};

async function pass(milliseconds) {
  for (let left = milliseconds; left > 0; left -= 100) {
    const step = Math.min(100, left);
    now += step;
    mock.timers.tick(step);
  }
  await settle();
}

/** A client at a server, and what it has told its page. */
class Scene {
  lines = [];
  ids = [];
  joined = [];
  closed = [];
  said = 0;

  constructor(seed = 1, options = {}) {
    this.random = generator(seed);
    this.server = new SeatServer(options);
    this.load();
  }

  /** The page is loaded (again): all that it was told is forgotten. */
  load() {
    this.lines = [];
    this.client = new Client({ url: "ws://test/ws", guest: null });
    const { client } = this;
    client.on("chat", ({ text }) => this.lines.push(Number(text)));
    client.on("joined", (joined) => {
      this.ids.push(joined.player_id);
      this.joined.push(joined);
    });
    client.on("closed", ({ code }) => this.closed.push(code));
  }

  get socket() {
    return QueueSocket.all.at(-1);
  }

  say() {
    this.said += 1;
    this.server.say(String(this.said));
  }

  /** Cut whatever is there; the ends notice, or do not. */
  cut({ clientKnows = true, serverKnows = true } = {}) {
    const { socket } = this;
    socket.cut();
    if (serverKnows) this.server.gone(socket);
    if (clientKnows) socket.tellClient();
  }

  /** All that is under way arrives. */
  async flow() {
    for (let turn = 0; turn < 100; turn += 1) {
      let moved = false;
      for (const socket of QueueSocket.all) {
        if (socket.readyState === 0 && !socket.dead) {
          socket.open();
          moved = true;
        } else if (socket.readyState === 0) {
          socket.tellClient();
          moved = true;
        }
        while (this.server.take(socket)) moved = true;
        while (socket.deliver()) moved = true;
      }
      await settle();
      if (!moved) return;
    }
    assert.fail("a client and a server that never come to rest");
  }

  /** Time passes on a good line until the client is at rest. */
  async recover(seconds = 20) {
    for (let step = 0; step < seconds * 4; step += 1) {
      await this.flow();
      await pass(250);
    }
    await this.flow();
  }

  async join() {
    const joined = this.client.join({ name: "Ann" });
    await this.flow();
    return joined;
  }
}

/** No two attempts follow each other at once. */
function assertBackoff(sockets) {
  for (let index = 1; index < sockets.length; index += 1) {
    const gap = sockets[index].openedAt - sockets[index - 1].openedAt;
    assert.ok(gap >= 200, `attempt ${index} came ${gap} ms after the one before`);
  }
}

const upTo = (count) => Array.from({ length: count }, (_, index) => index + 1);

test("a cut is survived in the same seat, and what was said meanwhile is told once", async () => {
  const scene = new Scene();
  await scene.join();
  scene.say();
  await scene.flow();
  scene.cut();
  assert.equal(scene.client.connection, "reconnecting");
  scene.say();
  scene.say();
  await scene.recover(2);
  assert.equal(scene.client.connection, "joined");
  assert.deepEqual(scene.ids, ["p1", "p1"]);
  assert.deepEqual(scene.lines, [1, 2, 3]);
  assert.equal(scene.joined[1].again, true);
  assert.equal(scene.joined[1].resumed, true);
  assert.deepEqual(scene.server.complaints, []);
});

test("cuts at every point: the same player, every line once and in order, and never without a pause", async () => {
  let resumed = 0;
  for (let seed = 1; seed <= 300; seed += 1) {
    QueueSocket.all = [];
    const scene = new Scene(seed);
    const { random, server } = scene;
    await scene.join();
    for (let step = 0; step < 80; step += 1) {
      const { socket } = scene;
      const dice = random.share();
      if (dice < 0.2) server.take(socket);
      else if (dice < 0.45) socket.deliver();
      else if (dice < 0.55) scene.say();
      else if (dice < 0.6 && socket.readyState === 0 && !socket.dead) socket.open();
      else if (dice < 0.66 && !socket.dead && socket.readyState < 2)
        scene.cut({ clientKnows: random.share() < 0.7, serverKnows: random.share() < 0.7 });
      else if (dice < 0.85) await pass(random.whole(1, 600));
      else if (socket.readyState === 0 && !socket.dead) socket.open();
    }
    await scene.recover();
    assert.deepEqual(server.complaints, [], `seed ${seed}`);
    assert.equal(scene.client.connection, "joined", `seed ${seed}`);
    assert.deepEqual([...new Set(scene.ids)], ["p1"], `seed ${seed}`);
    assert.deepEqual(scene.lines, upTo(scene.said), `seed ${seed}`);
    assertBackoff(QueueSocket.all);
    resumed += server.resumed;
    scene.client.leave();
  }
  assert.ok(resumed > 500, `only ${resumed} times has a client come back`);
});

test("cuts and reloads: each page comes to the same seat, and is told all that is kept", async () => {
  let reloads = 0;
  for (let seed = 1; seed <= 200; seed += 1) {
    QueueSocket.all = [];
    globalThis.sessionStorage.clear();
    const scene = new Scene(seed);
    const { random, server } = scene;
    await scene.join();
    for (let step = 0; step < 60; step += 1) {
      const { socket } = scene;
      const dice = random.share();
      if (dice < 0.25) server.take(socket);
      else if (dice < 0.5) socket.deliver();
      else if (dice < 0.6) scene.say();
      else if (dice < 0.66 && !socket.dead && socket.readyState < 2) scene.cut({ serverKnows: random.share() < 0.5 });
      else if (dice < 0.7) {
        // The page ends as pages do: its socket without a word, its timers with it.
        const old = scene.client;
        socket.cut();
        if (random.share() < 0.5) server.gone(socket);
        scene.load();
        old.tell = () => false;
        for (const each of QueueSocket.all) each.onclose = each.onmessage = each.onopen = () => {};
        mock.timers.reset();
        mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"], now });
        assert.equal(scene.client.canResume(), true, `seed ${seed}`);
        scene.client.resume().catch(() => {});
        reloads += 1;
      } else if (dice < 0.85) await pass(random.whole(1, 400));
      else if (socket.readyState === 0 && !socket.dead) socket.open();
    }
    await scene.recover();
    assert.deepEqual(server.complaints, [], `seed ${seed}`);
    assert.equal(scene.client.connection, "joined", `seed ${seed}`);
    assert.deepEqual([...new Set(scene.ids)], ["p1"], `seed ${seed}`);
    assert.deepEqual(scene.lines, upTo(scene.said), `seed ${seed}`);
    scene.client.leave();
  }
  assert.ok(reloads > 300, `only ${reloads} reloads`);
});

test("a seat that is no longer held is asked for anew, in the same room", async () => {
  const scene = new Scene();
  await scene.join();
  QueueSocket.reachable = false;
  scene.cut();
  for (let second = 0; second < 40; second += 1) {
    await pass(1000);
    await scene.flow();
  }
  QueueSocket.reachable = true;
  await scene.recover();
  assert.equal(scene.client.connection, "joined");
  assert.deepEqual(scene.ids, ["p1", "p2"]);
  assert.equal(scene.joined[1].again, true);
  assert.equal(scene.joined[1].resumed, false);
  assert.deepEqual(scene.server.complaints, []);
});

test("a server that stays away is given up, with a reason, some time after the seat is gone", async () => {
  const scene = new Scene();
  await scene.join();
  const changes = [];
  scene.client.on("connection", (change) => changes.push(change));
  QueueSocket.reachable = false;
  const lostAt = now;
  scene.cut();
  for (let step = 0; step < 1200; step += 1) {
    await pass(100);
    await scene.flow();
  }
  assert.deepEqual(scene.closed, ["unreachable"]);
  assert.equal(scene.client.connection, "closed");
  assert.equal(scene.client.canResume(), false);
  const reconnecting = changes.filter(({ connection }) => connection === "reconnecting");
  for (const change of reconnecting) {
    assert.equal(change.seatUntil, lostAt + 30_000);
    assert.equal(change.giveUpAt, lostAt + 75_000);
  }
  // At first often, as a server that restarts is soon there again; then seldom.
  const soon = reconnecting.filter(({ retryAt }) => retryAt < lostAt + 30_000);
  assert.ok(soon.length < 42, `${soon.length} attempts in half a minute`);
  assert.ok(reconnecting.length - soon.length < 14, `${reconnecting.length - soon.length} attempts after that`);
  for (let index = 1; index < soon.length; index += 1)
    assert.ok(soon[index].retryAt - soon[index - 1].retryAt <= 1600, "a server that is there again is found too late");
  assertBackoff(QueueSocket.all);
  const count = QueueSocket.all.length;
  await pass(60_000);
  assert.equal(QueueSocket.all.length, count);
});

test("a connection that breaks each time it is good is not had again at once", async () => {
  const scene = new Scene();
  await scene.join();
  const before = QueueSocket.all.length;
  const began = now;
  while (now - began < 60_000) {
    await scene.flow();
    if (!scene.socket.dead) scene.cut();
    await pass(250);
  }
  assert.ok(QueueSocket.all.length - before < 20, `${QueueSocket.all.length - before} attempts in a minute`);
});

test("the network is back: it is tried at once, and not with every word about it", async () => {
  const listeners = new Map();
  globalThis.addEventListener = (name, listener) => listeners.set(name, listener);
  globalThis.removeEventListener = (name, listener) => listeners.get(name) === listener && listeners.delete(name);
  try {
    const scene = new Scene();
    await scene.join();
    QueueSocket.reachable = false;
    scene.cut();
    for (let second = 0; second < 40; second += 1) {
      await pass(1000);
      await scene.flow();
    }
    // The next attempt fails, and the one after it is seconds away by now.
    const attempts = QueueSocket.all.length;
    while (QueueSocket.all.length === attempts) await pass(100);
    await scene.flow();
    QueueSocket.reachable = true;
    const count = QueueSocket.all.length;
    await pass(1500);
    assert.equal(QueueSocket.all.length, count);
    for (let word = 0; word < 5; word += 1) listeners.get("online")?.();
    assert.equal(QueueSocket.all.length, count + 1);
    await scene.flow();
    assert.equal(scene.client.connection, "joined");
    assert.equal(listeners.has("online"), false);
  } finally {
    delete globalThis.addEventListener;
    delete globalThis.removeEventListener;
  }
});

test("a tab that is duplicated takes the seat, and the first one says so and does not fight back", async () => {
  const scene = new Scene();
  await scene.join();
  const first = scene.client;
  const copy = new FakeStorage(globalThis.sessionStorage);
  const original = globalThis.sessionStorage;
  globalThis.sessionStorage = /** @type {any} */ (copy);
  const closed = [];
  first.on("closed", ({ code }) => closed.push(code));
  scene.load();
  const back = scene.client.resume();
  await scene.flow();
  assert.equal((await back).player_id, "p1");
  assert.deepEqual(closed, ["session_taken"]);
  assert.equal(first.connection, "closed");
  const count = QueueSocket.all.length;
  await scene.recover();
  assert.equal(QueueSocket.all.length, count);
  assert.equal(scene.client.connection, "joined");
  assert.equal(scene.server.taken, 1);
  // The first one's player wants it back. Without a word from the other tab its session is used up.
  globalThis.sessionStorage = original;
  const again = first.resume();
  await Promise.all([assert.rejects(again, { code: "session_expired" }), scene.flow()]);
});

test("tabs tell each other the session, so that the seat can be taken back", async () => {
  globalThis.document = /** @type {any} */ ({ addEventListener() {}, removeEventListener() {} });
  const channels = [];
  const Real = globalThis.BroadcastChannel;
  globalThis.BroadcastChannel = /** @type {any} */ (
    class {
      constructor(name) {
        this.name = name;
        channels.push(this);
      }
      postMessage(data) {
        for (const each of channels) if (each !== this && each.name === this.name) each.onmessage({ data });
      }
      close() {
        channels.splice(channels.indexOf(this), 1);
      }
    }
  );
  try {
    const scene = new Scene();
    await scene.join();
    const first = scene.client;
    globalThis.sessionStorage = /** @type {any} */ (new FakeStorage(globalThis.sessionStorage));
    scene.load();
    const second = scene.client;
    second.resume();
    await scene.recover(1);
    assert.equal(first.connection, "closed");
    assert.equal(first.canResume(), true);
    const again = first.resume();
    await scene.flow();
    assert.equal((await again).player_id, "p1");
    assert.equal(second.connection, "closed");
    assert.deepEqual(scene.closed, ["session_taken", "session_taken"]);
    first.leave();
    second.leave();
    assert.equal(channels.length, 0);
  } finally {
    globalThis.BroadcastChannel = Real;
    delete globalThis.document;
  }
});

test("a reload after the seat is gone is told so, and where it was", async () => {
  const scene = new Scene();
  await scene.join();
  scene.cut({ clientKnows: false });
  scene.server.seats = [];
  scene.load();
  assert.deepEqual(scene.client.kept, { room: "K7QPX", name: "Ann", role: "player" });
  const back = scene.client.resume();
  await Promise.all([assert.rejects(back, { code: "session_expired" }), scene.flow()]);
  assert.equal(scene.client.connection, "closed");
  assert.equal(scene.client.canResume(), false);
  assert.equal(scene.client.kept, null);
});

test("whoever leaves has no seat to come back to", async () => {
  const scene = new Scene();
  await scene.join();
  scene.client.leave();
  await scene.flow();
  assert.equal(scene.client.canResume(), false);
  scene.load();
  assert.equal(scene.client.canResume(), false);
  await assert.rejects(scene.client.resume(), { code: "session_expired" });
});

test("a reload while the server is away is tried until it is there", async () => {
  const scene = new Scene();
  await scene.join();
  QueueSocket.reachable = false;
  scene.cut({ clientKnows: false });
  scene.load();
  const back = scene.client.resume();
  for (let second = 0; second < 5; second += 1) {
    await scene.flow();
    await pass(1000);
  }
  assert.equal(scene.client.connection, "reconnecting");
  QueueSocket.reachable = true;
  await scene.recover();
  assert.equal((await back).player_id, "p1");
});
