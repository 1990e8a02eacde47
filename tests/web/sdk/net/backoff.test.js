import assert from "node:assert/strict";
import { test } from "node:test";
import { Backoff } from "../../../../src/rumpus/web/sdk/net/backoff.js";

test("waits grow up to a longest one, and at least half of each is sure", () => {
  const low = new Backoff({ first: 1, factor: 2, longest: 5, random: () => 0 });
  const high = new Backoff({ first: 1, factor: 2, longest: 5, random: () => 1 });
  assert.deepEqual([low.next(), low.next(), low.next(), low.next()], [0.5, 1, 2, 2.5]);
  assert.deepEqual([high.next(), high.next(), high.next(), high.next()], [1, 2, 4, 5]);
  assert.equal(high.attempt, 4);
  high.reset();
  assert.equal(high.next(), 1);
});
