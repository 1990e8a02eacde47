import assert from "node:assert/strict";
import { test } from "node:test";
import { Inbox } from "../../../../src/rumpus/web/sdk/room/inbox.js";

const SEAT = { type: "joined" };

test("what was asked before is for nobody, until the pong of a ping that was sent after it", () => {
  const inbox = new Inbox(() => true);
  /** @type {any[]} */
  const sent = [];
  inbox.forsake((message) => sent.push(message) > 0);
  assert.equal(inbox.stops(SEAT), true);
  assert.equal(inbox.stops({ type: "rooms" }), false);
  assert.equal(inbox.stops({ type: "pong", time: 12.5 }), false);
  assert.equal(inbox.stops({ type: "error" }), true);
  assert.equal(inbox.stops({ type: "pong", time: sent[0].time }), true);
  assert.equal(inbox.stops(SEAT), false);
});

test("on another connection nobody answers what was asked on the last one, nor what could not be sent", () => {
  const inbox = new Inbox(() => true);
  inbox.forsake(() => true);
  inbox.reopened();
  assert.equal(inbox.stops(SEAT), false);
  inbox.forsake(() => false);
  assert.equal(inbox.stops(SEAT), false);
});

test("what has a number comes once; after coming back it is late until the first pong", () => {
  const seen = new Set();
  const inbox = new Inbox((serial) => !seen.has(serial) && Boolean(seen.add(serial)));
  const chat = (/** @type {number} */ serial) => ({ type: "chat", serial });
  const first = chat(1);
  assert.equal(inbox.stops(first), false);
  assert.deepEqual(first, chat(1));
  assert.equal(inbox.stops(chat(1)), true);
  inbox.seated(true);
  const missed = chat(2);
  assert.equal(inbox.stops(missed), false);
  assert.deepEqual(missed, { ...chat(2), missed: true });
  assert.equal(inbox.stops({ type: "pong", time: 3 }), false);
  const live = chat(3);
  inbox.stops(live);
  assert.deepEqual(live, chat(3));
});
