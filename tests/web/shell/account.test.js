/** The public id of a guest: the same here as where the server makes it (see tests/identity/test_identity.py). */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import test from "node:test";
import { guestAccount, sha256 } from "../../../src/rumpus/web/shell/account.js";

test("hashes are those of the standard, around every edge of a block", () => {
  for (let length = 0; length <= 200; length += 1) {
    const message = new Uint8Array(length).map((_, index) => (index * 31 + length) & 255);
    const expected = createHash("sha256").update(message).digest("hex");
    assert.equal(Buffer.from(sha256(message)).toString("hex"), expected, `${length} bytes`);
  }
});

test("a key has the account that the server gives it", () => {
  assert.equal(guestAccount("abcdefghijklmnopqrst"), "g:73hapn23ipa4ve3eyqlt");
  assert.equal(guestAccount(null), "");
});
