import assert from "node:assert/strict";
import { test } from "node:test";
import { World } from "../../../../src/rumpus/web/sdk/state/world.js";
import { WorldInterpolation } from "../../../../src/rumpus/web/sdk/state/world-interpolation.js";
import { generator } from "../../fakes/random.js";
import { SnapshotEncoder } from "../../fakes/snapshot-encoder.js";
import { angle, choice, fixed, flag, int, randomRows, SCHEMA, table, text } from "../../fakes/tables.js";

const TABLES = [
  table("match", [fixed("time_left", { moves: true }), int("wave")], { single: true }),
  table("ships", [
    fixed("x", { moves: true }),
    fixed("y", { moves: true }),
    angle("angle"),
    int("hp"),
    flag("alive"),
    choice("team", "", "red"),
    text("title"),
  ]),
  table("shots", [fixed("x", { moves: true }), fixed("y", { moves: true })], { key: "b" }),
  table("ghosts", [fixed("x", { moves: true }), fixed("y", { moves: true }), int("vx")], { key: "g" }),
];

const MOTIONS = { ships: { snap: 100, breaks: ["alive"] } };

/** Cells of a ship: x in units, the direction in 256ths of a turn. */
const ship = (x, { direction = 0, hp = 100, alive = 1, team = 0, title = "Ann" } = {}) => [
  x * 8,
  0,
  direction,
  hp,
  alive,
  team,
  title,
];
const world = (ships, more = {}) => ({
  match: new Map([["", [(more.left ?? 60) * 8, more.wave ?? 1]]]),
  ships: new Map(Object.entries(ships)),
  shots: new Map(more.shots ?? []),
  ghosts: new Map(more.ghosts ?? []),
});

/** Ten snapshots a second, arriving without delay: the picture settles two intervals behind. */
function fill(states, { keyframes = [0], steps = {}, motions = MOTIONS } = {}) {
  const smooth = new WorldInterpolation(motions, { tickRate: 10, sendRate: 10 });
  const server = new SnapshotEncoder(TABLES);
  const client = new World(TABLES);
  const fixed = { map: "flat" };
  states.forEach((rows, tick) => {
    client.apply(server.snapshot(rows, { tick, keyframe: keyframes.includes(tick), steps }));
    smooth.push(client, fixed, tick / 10);
  });
  return smooth;
}

/** The picture at a tick. */
const at = (states, tick, options) => fill(states, options).sample((tick + 2) / 10);
const near = (actual, expected) => assert.ok(Math.abs(actual - expected) < 1e-6, `${actual} is not ${expected}`);

test("positions lie in between the snapshots; what is not a place is that of the earlier one", () => {
  const states = [
    world({ a: ship(0) }),
    world({ a: ship(10, { hp: 90, team: 0, title: "Ann" }) }),
    world({ a: ship(20, { hp: 50, team: 1, title: "Ace" }) }, { wave: 2 }),
  ];
  const view = at(states, 1.5);
  assert.equal(view.tick, 1);
  const { x, ...rest } = view.entities.ships.get("a");
  near(x, 15);
  assert.deepEqual(rest, { y: 0, angle: 0, hp: 90, alive: true, team: "", title: "Ann", vx: 100, vy: 0 });
  assert.equal(view.state.wave, 1);
});

test("single tables and what never changes are the view's state", () => {
  const view = at([world({}, { left: 60 }), world({}, { left: 59 }), world({}, { left: 58 })], 1.25);
  near(view.state.time_left, 58.75);
  assert.equal(view.state.map, "flat");
  assert.deepEqual(Object.keys(view.entities), ["ships", "shots", "ghosts"]);
});

test("angles turn by the shorter way", () => {
  const states = [world({ a: ship(0, { direction: 250 }) }), world({ a: ship(0, { direction: 6 }) })];
  near(Math.sin(at(states, 0.5).entities.ships.get("a").angle), 0);
});

test("a teleport and a return to life are jumps", () => {
  const teleport = [world({ a: ship(0, { direction: 8 }) }), world({ a: ship(101, { direction: 16 }) })];
  assert.equal(at(teleport, 0.5).entities.ships.get("a").x, 0);
  near(at(teleport, 0.5).entities.ships.get("a").angle, Math.PI / 16);
  const reborn = [world({ a: ship(0, { alive: 0 }) }), world({ a: ship(50) })];
  assert.equal(at(reborn, 0.5).entities.ships.get("a").x, 0);
  near(at([world({ a: ship(0) }), world({ a: ship(99) })], 0.5).entities.ships.get("a").x, 49.5);
});

test("where the game names no distance, the protocol's own counts: 1023 steps", () => {
  const shots = (x) => world({}, { shots: [[1, [x, 0]]] });
  near(at([shots(0), shots(1023)], 0.5).entities.shots.get("b1").x, 1023 / 16);
  assert.equal(at([shots(0), shots(1024)], 0.5).entities.shots.get("b1").x, 0);
});

test("a shot that is never sent again flies smoothly, and knows its direction", () => {
  const shot = (x, y) => world({}, { shots: [[1, [x, y]]] });
  const states = Array.from({ length: 6 }, (_, tick) => shot(70 * tick, 800 - 20 * tick));
  const smooth = fill(states, { steps: { shots: [70, -20] } });
  for (let tick = 0.1; tick < 3; tick += 0.1) {
    const { x, y, vx, vy } = smooth.sample((tick + 2) / 10).entities.shots.get("b1");
    near(x, (tick * 70) / 8);
    near(y, 100 - (tick * 20) / 8);
    assert.deepEqual([vx, vy], [87.5, -25]);
  }
});

test("a table that has a column of that name keeps it", () => {
  const ghost = (x) => world({}, { ghosts: [[1, [x, 0, 3]]] });
  const entity = at([ghost(0), ghost(8)], 1).entities.ghosts.get("g1");
  assert.equal(entity.vx, 3);
  assert.equal("vy" in entity, false);
});

test("entities come with their snapshot, and fly on for half of the way to the first without them", () => {
  const states = [world({ a: ship(0) }), world({ a: ship(10), b: ship(7) }), world({ b: ship(17) })];
  assert.equal(at(states, 0.9).entities.ships.has("b"), false);
  assert.equal(at(states, 1.1).entities.ships.has("b"), true);
  near(at(states, 1.3).entities.ships.get("a").x, 13);
  near(at(states, 1.5).entities.ships.get("a").x, 15);
  assert.equal(at(states, 1.51).entities.ships.has("a"), false);
  assert.equal(at(states, 2).entities.ships.has("a"), false);
});

test("whoever takes the slot of another is never blended with them", () => {
  const states = [world({ a: ship(0) }), world({ a: ship(8) }), world({ b: ship(80) }), world({ b: ship(90) })];
  const smooth = fill(states);
  for (let tick = 0; tick < 3; tick += 0.05) {
    const { ships } = smooth.sample((tick + 2) / 10).entities;
    // a was seen last at tick 1, b first at tick 2.
    assert.deepEqual([...ships.keys()], tick <= 1.5 ? ["a"] : tick < 2 - 1e-9 ? [] : ["b"]);
    if (ships.has("a")) assert.ok(ships.get("a").x <= 12.001);
    if (ships.has("b")) assert.ok(ships.get("b").x >= 80);
  }
});

test("a keyframe may put everyone into other slots", () => {
  const states = [
    world({ a: ship(0), b: ship(40), c: ship(80) }),
    world({ c: ship(81), a: ship(1), b: ship(41) }),
    world({ c: ship(82), a: ship(2), b: ship(42) }),
  ];
  const smooth = fill(states, { keyframes: [0, 1] });
  for (let tick = 0; tick < 2; tick += 0.05) {
    const { ships } = smooth.sample((tick + 2) / 10).entities;
    assert.deepEqual([...ships.keys()].sort(), ["a", "b", "c"]);
    for (const [id, x] of [
      ["a", 0],
      ["b", 40],
      ["c", 80],
    ])
      assert.ok(ships.get(id).x >= x && ships.get(id).x <= x + 2);
  }
});

test("without a later snapshot things move on for a moment only, and never below their least value", () => {
  const states = [world({ a: ship(0) }, { left: 0.5 }), world({ a: ship(10) }, { left: 0.25 })];
  near(at(states, 1.5).entities.ships.get("a").x, 15);
  near(at(states, 1.5).state.time_left, 0.125);
  // A quarter of a second.
  near(at(states, 4).entities.ships.get("a").x, 35);
  assert.equal(at(states, 4).state.time_left, 0);
});

test("events wait for the picture", () => {
  const smooth = fill([world({}), world({}), world({}), world({}), world({})]);
  smooth.schedule({ tick: 2, name: "hit", data: {} });
  assert.equal(smooth.sample(0.35).events.length, 0);
  assert.equal(smooth.sample(0.401).events.length, 1);
  assert.equal(smooth.sample(0.41).events.length, 0);
});

test("a tick that goes back begins a new match, and another world another picture", () => {
  const smooth = fill([world({ a: ship(0) }), world({ a: ship(10) }), world({ a: ship(20) })]);
  smooth.sample(0.3);
  for (const tables of [TABLES, TABLES.slice(0, 2)]) {
    const other = new World(tables);
    other.apply(new SnapshotEncoder(tables).snapshot(world({ z: ship(99) }), { tick: 0, keyframe: true }));
    smooth.push(other, {}, 0.4);
    const view = smooth.sample(0.5);
    assert.deepEqual([...view.entities.ships.keys()], ["z"]);
    assert.equal(view.state.map, undefined);
  }
});

test("entities are the same objects from picture to picture", () => {
  const smooth = fill([world({ a: ship(0) }), world({ a: ship(10) }), world({ a: ship(20) })]);
  const first = smooth.sample(0.25).entities.ships.get("a");
  assert.equal(smooth.sample(0.35).entities.ships.get("a"), first);
});

test("whatever happens in a world, the picture at a snapshot is that snapshot", () => {
  const random = generator(5);
  const smooth = new WorldInterpolation({}, { tickRate: 10, sendRate: 10 });
  const server = new SnapshotEncoder(SCHEMA);
  const client = new World(SCHEMA);
  const plain = [];
  let tick = 0;
  for (const rows of randomRows(random)) {
    client.apply(server.snapshot(rows, { tick, keyframe: tick === 0 || random.share() < 0.05 }));
    smooth.push(client, {}, tick / 10);
    plain.push(client.plain());
    if (tick > 20) {
      const view = smooth.sample(tick / 10 + 1e-9);
      const { tick: shown } = view;
      for (const name of ["players", "bullets", "wide"]) {
        const drawn = view.entities[name];
        assert.deepEqual([...drawn.keys()].sort(), Object.keys(plain[shown][name]).sort());
      }
      for (const [id, { title, team, alive, score }] of view.entities.players) {
        const { [id]: expected } = plain[shown].players;
        assert.deepEqual([title, team, alive, score], [expected.title, expected.team, expected.alive, expected.score]);
      }
      assert.equal(view.state.wave, plain[shown].wave);
    }
    if (++tick > 200) break;
  }
});

test("a server that sends less often than it said changes nothing about how fast things are", () => {
  const smooth = new WorldInterpolation({}, { tickRate: 30, sendRate: 30 });
  const server = new SnapshotEncoder(TABLES);
  const client = new World(TABLES);
  // 90 units a second: 3 a tick.
  for (let tick = 0; tick <= 300; tick += tick < 30 ? 1 : 3) {
    const rows = world({}, { shots: [[1, [tick * 3 * 8, 0]]] });
    client.apply(server.snapshot(rows, { tick, keyframe: tick === 0, steps: {} }));
    smooth.push(client, {}, tick / 30);
  }
  const { interval } = smooth.playhead;
  assert.ok(Math.abs(interval - 0.1) < 1e-3, `${interval}`);
  // What comes later has not come: it goes on by its velocity.
  for (let frame = 0; frame < 36; frame += 1) smooth.sample(10 + frame / 60);
  const { entities, playhead } = smooth.sample(10.6);
  const shot = entities.shots.get("b1");
  assert.ok(Math.abs(shot.vx - 90) < 1, `${shot.vx}`);
  assert.ok(playhead > 300.5 && Math.abs(shot.x - 3 * playhead) < 0.5, `${shot.x} at ${playhead}`);
});
