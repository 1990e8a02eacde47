import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { SnapshotError } from "../../../../src/rumpus/web/sdk/errors.js";
import { encode } from "../../../../src/rumpus/web/sdk/net/msgpack.js";
import { World } from "../../../../src/rumpus/web/sdk/state/world.js";
import { generator } from "../../fakes/random.js";
import { message, SnapshotEncoder, text, varint, whole, zigzag } from "../../fakes/snapshot-encoder.js";
import { angle, fixed, flag, int, plainOf, randomRows, SCHEMA, table, text as textColumn } from "../../fakes/tables.js";

const HEAD = [0xc1, 1, 0, 0];
const LATER = [0xc1, 0, 1, 0];
/** Heads of a message's sections for the first table. */
const [REMOVED, FULL, CHANGED, EVENTS] = [0, 1, 2, 3];

const ships = () =>
  new World([
    table("ships", [fixed("x", { moves: true }), angle("angle", { moves: true }), flag("alive"), textColumn("title")]),
  ]);
const ship = (slot, id, x, direction, steps = [0, 0]) => [
  ...varint(slot),
  ...text(id),
  ...whole(x * 8, 2),
  direction,
  1,
  ...text("Ace"),
  ...steps.flatMap(zigzag),
];

test("a row comes in full once, and moves on by its steps until it is corrected", () => {
  const world = ships();
  world.apply(message(HEAD, FULL, 1, ship(5, "p1", 10, 250, [80, 3])));
  assert.deepEqual(world.plain(), {
    ships: { p1: { x: 10, angle: (250 * 2 * Math.PI) / 256, alive: true, title: "Ace" } },
  });
  world.apply(message(LATER));
  world.apply(message(LATER));
  const { p1 } = world.plain().ships;
  assert.equal(p1.x, 30);
  assert.equal(p1.angle, 0); // a whole turn is none
  // x is 2 units short of where it was expected, and goes on with the step that it really made.
  world.apply(message(LATER, CHANGED, 1, 5, 0b1101, zigzag(-16), text("Fox")));
  assert.deepEqual({ ...world.plain().ships.p1, angle: 0 }, { x: 38, angle: 0, alive: false, title: "Fox" });
  world.apply(message(LATER));
  assert.equal(world.plain().ships.p1.x, 46);
});

test("a jump is not a motion", () => {
  const world = ships();
  world.apply(message(HEAD, FULL, 1, ship(0, "p1", 0, 0)));
  world.apply(message(LATER, CHANGED, 1, 0, 1, zigzag(1024)));
  world.apply(message(LATER));
  assert.equal(world.plain().ships.p1.x, 128);
  world.apply(message(LATER, CHANGED, 1, 0, 1, zigzag(1023)));
  world.apply(message(LATER));
  assert.equal(world.plain().ships.p1.x, 128 + (2 * 1023) / 8);
});

test("a slot given up can be taken by another in the same snapshot", () => {
  const world = ships();
  world.apply(message(HEAD, FULL, 2, ship(0, "p1", 1, 0), ship(1, "p2", 2, 0)));
  world.apply(message(LATER, REMOVED, 1, 0, FULL, 1, ship(0, "p3", 3, 0, [8, 0])));
  assert.deepEqual(Object.keys(world.plain().ships).sort(), ["p2", "p3"]);
  assert.equal(world.plain().ships.p3.x, 3);
  assert.equal(world.plain().ships.p2.x, 2);
});

test("a keyframe forgets everything first", () => {
  const world = ships();
  world.apply(message(HEAD, FULL, 1, ship(0, "p1", 1, 0)));
  world.apply(message(HEAD));
  assert.deepEqual(world.plain(), { ships: {} });
  assert.equal(world.keyframe, true);
  assert.throws(() => world.apply(message(LATER, REMOVED, 1, 0)), SnapshotError);
});

test("there is nothing to build on before the first keyframe, and after an error", () => {
  const world = ships();
  assert.throws(() => world.apply(message(LATER)), SnapshotError);
  world.apply(message(HEAD, FULL, 1, ship(0, "p1", 1, 0)));
  assert.throws(() => world.apply(message(LATER, CHANGED, 1, 3)), SnapshotError);
  assert.deepEqual(world.plain(), { ships: {} });
  assert.throws(() => world.apply(message(LATER)), SnapshotError);
  world.apply(message(HEAD));
  world.apply(message(LATER));
});

test("tick, acknowledged input and events come along", () => {
  const world = ships();
  const events = encode([
    [41, "hit", { by: "p1" }],
    [42, "wave", null],
  ]);
  world.apply(message([0xc1, 1], varint(42), varint(0), EVENTS, [...events]));
  assert.equal(world.tick, 42);
  assert.equal(world.ack, -1);
  assert.deepEqual(world.events, [
    { tick: 41, name: "hit", data: { by: "p1" } },
    { tick: 42, name: "wave", data: {} },
  ]);
  world.apply(message([0xc1, 0], varint(2 ** 53 - 1), varint(8)));
  assert.equal(world.tick, 2 ** 53 - 1);
  assert.equal(world.ack, 7);
  assert.deepEqual(world.events, []);
});

test("the margin of the input comes where the flags say so, and only then", () => {
  const world = ships();
  world.apply(message([0xc1, 3], varint(42), varint(8), zigzag(-15)));
  assert.deepEqual([world.ack, world.margin], [7, -0.015]);
  world.apply(message([0xc1, 2], varint(43), varint(9), zigzag(300)));
  assert.deepEqual([world.ack, world.margin], [8, 0.3]);
  world.apply(message([0xc1, 0], varint(44), varint(9)));
  assert.deepEqual([world.ack, world.margin], [8, null]);
  assert.throws(() => world.apply(message([0xc1, 2], varint(43), varint(9))), SnapshotError);
});

test("one row can be had as plain data, in the same object if one likes", () => {
  const world = new World(SCHEMA);
  const encoder = new SnapshotEncoder(SCHEMA);
  for (const rows of randomRows(generator(8))) {
    world.apply(encoder.snapshot(rows, { keyframe: world.tick < 0, tick: world.tick + 1 }));
    const { players } = world.plain();
    for (const id of Object.keys(players)) assert.deepEqual(world.entity("players", id), players[id]);
    if (world.tick > 20) break;
  }
  const [id] = Object.keys(world.plain().players);
  const into = { mine: true };
  assert.equal(world.entity("players", id, into), into);
  assert.equal(into.mine, true);
  assert.equal(world.entity("players", "nobody"), null);
  assert.equal(world.entity("nothing", id), null);
});

test("values of four bytes are exact", () => {
  const world = new World([table("t", [int("n", { max: 2 ** 32 - 1, bytes: 4, moves: true })])]);
  world.apply(message(HEAD, FULL, 1, 0, text("a"), [255, 255, 255, 255], zigzag(-1)));
  assert.equal(world.plain().t.a.n, 4294967295);
  world.apply(message(LATER));
  assert.equal(world.plain().t.a.n, 4294967294);
  world.apply(message(LATER, CHANGED, 1, 0, 1, zigzag(-4294967293)));
  assert.equal(world.plain().t.a.n, 0);
});

test("damaged snapshots are refused", () => {
  const good = [...HEAD, FULL, 1, ...ship(0, "p1", 1, 0)];
  const bad = (...bytes) => {
    const world = ships();
    world.apply(message(good));
    assert.throws(() => world.apply(message(...bytes)), SnapshotError);
  };
  for (let length = 1; length < good.length; length += 1) if (length !== HEAD.length) bad(good.slice(0, length));
  bad(good, 0); // a section cut off
  bad(LATER, 4, 0); // there is one table
  bad(LATER, REMOVED, 1, 1); // nobody is in that slot
  bad(LATER, CHANGED, 1, 1, 1, 0);
  bad(LATER, FULL, 1, ship(1_000_000, "p2", 1, 0));
  bad(LATER, CHANGED, 1, 0, 16, 0); // a fifth column
  bad(LATER, CHANGED, 1, 0, 1, zigzag(-9)); // less than the least value
  bad(LATER, FULL, 1, 1, [2, 0xc3, 0x28], [0, 0], 0, 0, 0, 0, 0); // not UTF-8
  bad(LATER, FULL, 1, 1, text("p2"), [0, 0], 0, 2, 0, 0, 0); // neither true nor false
  bad(LATER, 7, 0x90); // events are no table's
  bad(LATER, EVENTS, 0x90, 0); // more behind the events
  bad(LATER, EVENTS, 0x91, 0x01);
  bad(LATER, EVENTS, 0xc1);
  bad([0xc1, 0], Array(8).fill(255), 1); // a number of more than eight bytes
  bad([0xc1, 0], Array(7).fill(255), 127, 0); // or beyond 2^53 - 1
  bad(LATER, REMOVED, varint(2 ** 40)); // rows that are not there
  bad(LATER, FULL, varint(2 ** 53 - 1));
});

test("any world, by whatever way it changes, arrives as it is", () => {
  for (let seed = 1; seed <= 12; seed += 1) {
    const random = generator(seed);
    const encoder = new SnapshotEncoder(SCHEMA);
    const world = new World(SCHEMA);
    let tick = 0;
    for (const rows of randomRows(random)) {
      const events = random.share() < 0.3 ? [[tick, "shot", { at: [1, tick] }]] : [];
      const keyframe = tick === 0 || random.share() < 0.03;
      world.apply(encoder.snapshot(rows, { tick, ack: tick % 7, keyframe, events, steps: { bullets: [90, -300] } }));
      assert.deepEqual(world.plain(), plainOf(SCHEMA, rows));
      assert.equal(world.tick, tick);
      assert.equal(world.events.length, events.length);
      if (++tick > 150) break;
    }
  }
});

test("bytes of chance, and good snapshots with changes by chance, are applied or refused", () => {
  const random = generator(3);
  const encoder = new SnapshotEncoder(SCHEMA);
  const good = [];
  for (const rows of randomRows(random)) {
    good.push(encoder.snapshot(rows, { tick: good.length, keyframe: good.length === 0, events: [[1, "e", {}]] }));
    if (good.length >= 6) break;
  }
  const garbage = () =>
    Uint8Array.from([
      0xc1,
      0,
      1,
      0,
      ...Array.from({ length: random.whole(0, 40) }, () => random.whole(0, random.one([8, 255]))),
    ]);
  const altered = (bytes) => {
    const copy = bytes.slice(0, random.share() < 0.2 ? random.whole(1, bytes.length) : bytes.length);
    for (let change = random.whole(1, 3); change > 0; change -= 1)
      copy[random.whole(0, copy.length - 1)] = random.whole(0, 255);
    return copy;
  };
  const count = { applied: 0, refused: 0 };
  for (let round = 0; round < 30_000; round += 1) {
    const world = new World(SCHEMA);
    const before = random.whole(0, good.length - 1);
    for (const bytes of good.slice(0, before)) world.apply(bytes);
    try {
      world.apply(round % 2 && before > 0 ? garbage() : altered(good[before]));
      count.applied += 1;
    } catch (error) {
      assert.ok(error instanceof SnapshotError, String(error.stack));
      assert.equal(
        world.tables.reduce((sum, table) => sum + table.count, 0),
        0,
      );
      count.refused += 1;
    }
  }
  // Both happen, or this would be a test of nothing.
  assert.ok(count.applied > 1000 && count.refused > 1000, JSON.stringify(count));
});

const vectors = new URL("../../../golden/snapshots.json", import.meta.url);

test("reads what the server's own encoder wrote", () => {
  const { cases } = JSON.parse(readFileSync(vectors, "utf8"));
  assert.ok(cases.length > 0);
  for (const { name, schema, snapshots, plain, events, ticks, acks, keyframes } of cases) {
    const world = new World(schema);
    snapshots.forEach((hex, index) => {
      world.apply(new Uint8Array(Buffer.from(hex, "hex")));
      assert.deepEqual(world.plain(), plain[index], `${name}, snapshot ${index}`);
      assert.deepEqual(
        world.events.map(({ tick, name, data }) => [tick, name, data]),
        events[index],
      );
      assert.deepEqual([world.tick, world.ack, world.keyframe], [ticks[index], acks[index], keyframes[index]]);
    });
  }
});
