import assert from "node:assert/strict";
import { test } from "node:test";
import { Lateness } from "../../../../src/rumpus/web/sdk/net/lateness.js";

test("what is late is waited for as far as it is worth it", () => {
  const lateness = new Lateness(8, 1.5);
  // Jitter of 30 ms, and every tenth 200 ms late or more.
  for (let index = 0; index < 240; index += 1)
    lateness.add(index % 10 === 0 ? 0.2 + index / 1000 : (index % 9) * 0.00375, index / 30);
  assert.equal(lateness.least, 0);
  assert.equal(lateness.worth, 0.03);
  // After eight seconds without any of it, it is forgotten.
  for (let index = 240; index < 500; index += 1) lateness.add(0.05, index / 30);
  assert.deepEqual([lateness.least, lateness.worth], [0.05, 0.05]);
});
