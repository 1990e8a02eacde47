import assert from "node:assert/strict";
import { test } from "node:test";
import { Clock } from "../../../../src/rumpus/web/sdk/net/clock.js";

test("the clock takes the median round trip and trusts the quickest pong", () => {
  const clock = new Clock();
  // The server's clock is 100 s ahead; the second pong was held up on its way back.
  clock.pong(0, 100.02, 0.04);
  clock.pong(1, 101.02, 1.9);
  clock.pong(2, 102.02, 2.04);
  assert.ok(Math.abs(clock.rtt - 0.04) < 1e-9);
  assert.ok(Math.abs(clock.offset - 100) < 1e-9);
  assert.ok(Math.abs(clock.serverTime(3) - 103) < 1e-9);
});
