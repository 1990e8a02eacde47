import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { Connection } from "../../../../src/rumpus/web/sdk/net/connection.js";
import { FakeSocket } from "../../fakes/fake-socket.js";

/** What the connection has told, in order. @type {string[]} */
let told;
/** @type {Connection} */
let connection;

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  FakeSocket.all = [];
  globalThis.WebSocket = /** @type {any} */ (FakeSocket);
  told = [];
  const tell = (/** @type {string} */ what) => () => void told.push(what);
  connection = new Connection("ws://test/ws", {
    ...{ opened: tell("opened"), greeted: tell("greeted"), ended: tell("ended"), closed: tell("closed") },
    ...{ message: tell("message"), snapshot: tell("snapshot"), unreadable: tell("unreadable") },
    lost: (code) => void told.push(`lost ${code}`),
    changed: (change) => void told.push(change.connection),
  });
});

const socket = () => FakeSocket.all[FakeSocket.all.length - 1];

test("who waits for a connection has one when everybody may speak, and not before", async () => {
  let waited = false;
  const connecting = connection.connect().then(() => (waited = true));
  assert.equal(connection.awaited, true);
  socket().open();
  await null;
  assert.deepEqual([waited, connection.open, connection.ready], [false, true, false]);
  connection.greet();
  await connecting;
  connection.greet();
  assert.deepEqual(told, ["connecting", "opened", "greeted"]);
  assert.equal(connection.ready, true);
  await connection.connect();
  assert.equal(FakeSocket.all.length, 1);
});

test("who waits for one that rests is told why", async () => {
  const connecting = connection.connect();
  connection.rest("idle");
  await assert.rejects(connecting, { code: "left" });
  assert.deepEqual(told, ["connecting", "ended", "closed", "idle"]);
});

test("a lost one has ended before it is told to be lost, and is tried again as long as it has patience", () => {
  connection.begin("connecting");
  socket().open();
  connection.greet();
  told = [];
  socket().onclose({ code: 1006, reason: "" });
  assert.deepEqual(told, ["ended", "lost 1006"]);
  assert.equal(connection.ready, false);
  assert.equal(connection.retry(30, true), true);
  assert.deepEqual([connection.state, connection.patience], ["reconnecting", 75]);
  mock.timers.tick(8000);
  assert.equal(FakeSocket.all.length, 2);
  assert.equal(connection.number, 2);
});

test("one that is dropped is lost, one that hangs up is not", () => {
  connection.begin("connecting");
  socket().open();
  told = [];
  connection.drop(4000, "why");
  assert.equal(socket().closedWith, 4000);
  assert.deepEqual(told, ["ended", "lost 4000"]);
  connection.retry(0, false);
  connection.retryNow();
  socket().open();
  told = [];
  connection.hangUp();
  assert.deepEqual(told, ["ended"]);
});
