// Why a match is not rated, in words.
import assert from "node:assert/strict";
import { test } from "node:test";

import { unratedSentence, unratedText } from "../../../src/rumpus/web/shell/unrated.js";

test("a known word has its reason, and one of a newer server is no mistake", () => {
  assert.equal(unratedSentence("private"), "Not rated: private room.");
  assert.equal(unratedSentence("same_address"), "Not rated: players at one address.");
  assert.equal(unratedText("private"), "not rated: private room");
  assert.equal(unratedSentence("full_moon"), "Not rated.");
});
