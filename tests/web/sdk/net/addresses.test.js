import assert from "node:assert/strict";
import { test } from "node:test";
import { roomCode, roomLink, socketAddress } from "../../../../src/rumpus/web/sdk/net/addresses.js";

test("room codes are found in whatever people paste", () => {
  assert.equal(roomCode(" k7qpx "), "K7QPX");
  assert.equal(roomCode("http://192.168.0.7:8000/?room=k7qpx"), "K7QPX");
  assert.equal(roomCode("see https://play.example/?a=1&room=K7QPX#x"), "K7QPX");
  assert.equal(roomCode("two words"), "");
  assert.equal(roomCode("?room=%E0%A4%A"), "");
  assert.equal(roomCode(""), "");
});

test("links and socket addresses follow the page's origin", () => {
  assert.equal(roomLink("K7QPX", "http://localhost:8000"), "http://localhost:8000/?room=K7QPX");
  assert.equal(socketAddress("http://localhost:8000"), "ws://localhost:8000/ws");
  assert.equal(socketAddress("https://play.example"), "wss://play.example/ws");
});
