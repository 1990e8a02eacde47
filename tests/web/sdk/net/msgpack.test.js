import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { MessagePackError } from "../../../../src/rumpus/web/sdk/errors.js";
import { decode, encode } from "../../../../src/rumpus/web/sdk/net/msgpack.js";
import { generator } from "../../fakes/random.js";

const golden = JSON.parse(readFileSync(new URL("msgpack.json", import.meta.url), "utf8"));
const bytes = (hex) => new Uint8Array(Buffer.from(hex, "hex"));
const hex = (data) => Buffer.from(data).toString("hex");
const bad = (data) => assert.throws(() => decode(bytes(data)), MessagePackError, data);

test("reads and writes the very bytes of Python's msgspec", () => {
  for (const { value, hex: expected } of golden.values) {
    assert.deepEqual(decode(bytes(expected)), value);
    assert.equal(hex(encode(value)), expected);
  }
  for (const { bytes: content, hex: expected } of golden.binary) {
    assert.deepEqual(decode(bytes(expected)), bytes(content));
    assert.equal(hex(encode(bytes(content))), expected);
  }
});

test("64-bit integers are Numbers, never BigInts", () => {
  assert.equal(decode(bytes("cf001fffffffffffff")), 2 ** 53 - 1);
  assert.equal(decode(bytes("d3ffe0000000000001")), -(2 ** 53 - 1));
  assert.equal(decode(bytes("cfffffffffffffffff")), 2 ** 64);
  assert.equal(decode(bytes("d38000000000000000")), -(2 ** 63));
});

test("numbers of any width are read, short or not", () => {
  assert.equal(decode(bytes("ca3fc00000")), 1.5);
  assert.equal(decode(bytes("d3ffffffffffffffff")), -1);
  assert.equal(decode(bytes("ce00000001")), 1);
  assert.ok(Number.isNaN(decode(bytes("cb7ff8000000000000"))));
});

test("a key named __proto__ is a key like any other", () => {
  const map = decode(bytes("82a95f5f70726f746f5f5f81a46576696c01a16101"));
  assert.equal(map.evil, undefined);
  assert.equal(Object.getPrototypeOf(map), Object.prototype);
  assert.deepEqual(Object.keys(map), ["__proto__", "a"]);
  assert.equal({}.evil, undefined);
});

test("what is left undefined is not sent, and -0 is 0", () => {
  assert.deepEqual(decode(encode({ a: 1, b: undefined, c: [undefined] })), { a: 1, c: [null] });
  assert.equal(hex(encode(-0)), "00");
});

test("values that cannot be sent are refused", () => {
  const circle = [];
  circle.push(circle);
  for (const value of [1n, () => 0, Symbol("s"), circle]) assert.throws(() => encode(value), MessagePackError);
});

test("damaged messages are refused with a reason", () => {
  bad("");
  bad("c1"); // the byte that MessagePack never uses
  bad("0101"); // a second value
  bad("a2c3"); // cut off
  bad("a2c328"); // not UTF-8
  bad("d9"); // a length that is cut off
  bad("81"); // a map without its key
  bad("810102"); // a key that is no string
  bad("8191a101"); // nor is a list
  for (const type of ["c7", "c8", "c9", "d4", "d5", "d6", "d7", "d8"]) bad(`${type}0001000000000000`); // extensions
});

test("lengths and nesting that cannot be true cost nothing", () => {
  for (const head of ["dd", "df", "db", "c6"]) bad(`${head}ffffffff00`);
  bad("91".repeat(100_000));
  bad("81a161".repeat(100_000));
  bad("dd7fffffff".repeat(1000));
});

/** Any value, nested at most four deep. */
function anything(random, depth = 0) {
  const list = (most, make) => Array.from({ length: random.whole(0, most) }, make);
  switch (random.whole(0, depth < 4 ? 8 : 5)) {
    case 0:
      return random.one([null, true, false]);
    case 1:
      return random.whole(-40, 140);
    case 2:
      return Math.round((random.share() - 0.5) * 2 ** random.whole(1, 54)) + 0;
    case 3:
      return (random.share() - 0.5) * 10 ** random.whole(-300, 300);
    case 4:
    case 5:
      return String.fromCodePoint(...list(40, () => random.one([random.whole(32, 126), 0xe9, 0x20ac, 0x1f680])));
    case 6:
      return new Uint8Array(list(300, () => random.whole(0, 255)));
    case 7:
      return list(20, () => anything(random, depth + 1));
    default:
      return Object.fromEntries(list(20, () => [`k${random.whole(0, 1e6)}`, anything(random, depth + 1)]));
  }
}

test("any value comes back as it was", () => {
  const random = generator(7);
  for (let round = 0; round < 2000; round += 1) {
    const value = anything(random);
    assert.deepEqual(decode(encode(value)), value);
  }
});

test("bytes of chance, and good messages with changes by chance, are read or refused", () => {
  const random = generator(11);
  for (let round = 0; round < 40_000; round += 1) {
    let data = encode(anything(random, 2));
    if (round % 2) data = Uint8Array.from({ length: random.whole(0, 40) }, () => random.whole(0, 255));
    for (let change = random.whole(1, 3); change > 0 && data.length; change -= 1)
      data[random.whole(0, data.length - 1)] = random.whole(0, 255);
    if (random.share() < 0.2) data = data.subarray(0, random.whole(0, data.length));
    try {
      decode(data);
    } catch (error) {
      assert.ok(error instanceof MessagePackError, String(error));
    }
  }
});
