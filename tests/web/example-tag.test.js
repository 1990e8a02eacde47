/** The example's rule, in JavaScript against the one in Python: the same numbers to the bit. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { step } from "../../examples/tag/page/step.js";

test("a walk of the example's server is the same walk in the browser", () => {
  const { dt, moves, states } = JSON.parse(readFileSync(new URL("../golden/tag.json", import.meta.url), "utf8"));
  let ball = states[0];
  moves.forEach((move, tick) => {
    ball = step(ball, move, dt);
    assert.deepEqual(ball, states[tick + 1]);
  });
});
