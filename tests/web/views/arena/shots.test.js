/** One's own shots in the present: where they fly and end, that each begins and ends once, and timers that are rounded. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Effects } from "../../../../src/rumpus/web/views/arena/effects.js";
import { OwnShip } from "../../../../src/rumpus/web/views/arena/own-ship.js";
import { Reactions } from "../../../../src/rumpus/web/views/arena/reactions.js";
import { freshWeapons, GUN, RAIL } from "../../../../src/rumpus/web/views/arena/rules/weapons.js";
import { Walls } from "../../../../src/rumpus/web/views/arena/rules/walls.js";
import { Shots } from "../../../../src/rumpus/web/views/arena/shots.js";

const DT = 1 / 30;
/** Units that a bullet of 700 units/s makes in a tick once it is rounded. */
const PACE = 23.375;

const SETTINGS = { tickRate: 30, mode: "ffa", friendly_fire: false, shot_speed: 700, shot_life: 1.2, rail_cooldown: 1.5 };

function newShots({ walls = [], ...settings } = {}) {
  return new Shots(new Walls({ width: 2000, height: 2000, walls }), { ...SETTINGS, ...settings }, "me");
}

const ship = (x, y, more = {}) => ({ x, y, vx: 0, vy: 0, angle: 0, alive: true, team: "", ...more });

function picture({ players = {}, enemies = {}, bullets = {} } = {}) {
  const map = (things) => new Map(Object.entries(things));
  return {
    players: map({ me: ship(500, 500), ...players }),
    scores: new Map(),
    enemies: map(enemies),
    bullets: map(bullets),
    pickups: new Map(),
  };
}

/** A tick in which the ship at (500, 500) fires to the right. */
const fired = (tick, { shot = GUN, aim = 0, seen = tick - 5, x = 500, y = 500 } = {}) => ({
  tick,
  input: { move_x: 0, move_y: 0, aim, fire: true, rail: false },
  before: {},
  after: { x, y, vx: 0, vy: 0, ...freshWeapons(), shot },
  seen,
});

/** What the server has of a bullet of tick `born`, seen in the picture at `playhead`. */
const row = (born, playhead, seen = born - 5) => ({
  x: 526 + (playhead - seen) * PACE,
  y: 500,
  vx: 700,
  vy: 0,
  owner: "me",
  born: born % 256,
});

const ids = (bullets) => [...bullets.keys()].sort();

test("a shot flies from the muzzle by the picture's clock, at the server's rounded pace", () => {
  const shots = newShots();
  shots.played(fired(100));
  const first = shots.update(picture(), 95, 0).get("own 100");
  assert.deepEqual([first.x, first.y, first.owner], [526, 500, "me"]);
  // From its tick on it is exactly where the server's will be.
  const later = shots.update(picture(), 100, 5 * DT).get("own 100");
  assert.ok(Math.abs(later.x - (526 + 5 * PACE)) < 1e-6, `${later.x}`);
});

test("when the server's copy turns up there is still one bullet, under the same name, without a jump", () => {
  const shots = newShots();
  shots.played(fired(300));
  let last = null;
  for (let playhead = 295; playhead < 312; playhead += 0.5) {
    const now = (playhead - 295) * DT;
    const bullets = playhead >= 300 ? { b7: row(300, playhead) } : {};
    const shown = shots.update(picture({ bullets }), playhead, now);
    assert.deepEqual(ids(shown), ["own 300"], `at ${playhead}`);
    const { x } = shown.get("own 300");
    if (last !== null) assert.ok(x >= last && x - last < PACE * 0.5 + 1.5, `${last} to ${x} at ${playhead}`);
    last = x;
  }
  assert.deepEqual(ids(shots.update(picture(), 312, 17 * DT)), [], "gone with the server's");
});

test("bullets of others are shown as they are, and so is an own one that nobody predicted", () => {
  const shots = newShots();
  const bullets = { b1: { ...row(9, 12), owner: "you" }, b2: row(9, 12) };
  const shown = shots.update(picture({ bullets }), 12, 0);
  assert.deepEqual(ids(shown), ["b1", "b2"]);
  assert.ok(!shots.isKnown("b1", bullets.b1) && !shots.isKnown("b2", bullets.b2));
});

test("a predicted bullet ends at a wall, and within one at once", () => {
  const shots = newShots({ walls: [[600, 400, 50, 200]] });
  shots.played(fired(100));
  const places = [];
  for (let playhead = 95; playhead < 104; playhead += 0.25)
    places.push(shots.update(picture(), playhead, playhead * DT).get("own 100")?.x);
  assert.equal(Math.max(...places.filter(Boolean)) < 596, true);
  assert.ok(Math.max(...places.filter(Boolean)) > 580);
  assert.equal(places[places.length - 1], undefined);
  shots.played(fired(110, { x: 565 }));
  assert.ok((shots.update(picture(), 105, 10).get("own 110")?.x ?? 0) <= 595);
  assert.deepEqual(ids(shots.update(picture(), 105.5, 10.1)), []);
});

test("it ends at whom it meets in the picture; if the server knows better, its copy is shown and has no second beginning", () => {
  const shots = newShots();
  const players = { you: ship(640, 505) };
  shots.played(fired(100));
  let furthest = 0;
  for (let playhead = 95; playhead < 100; playhead += 0.5) {
    const bullet = shots.update(picture({ players }), playhead, playhead * DT).get("own 100");
    furthest = Math.max(furthest, bullet?.x ?? 0);
  }
  assert.ok(furthest > 580 && furthest < 617, `${furthest}`);
  const bullets = { b4: row(100, 101) };
  const shown = shots.update(picture({ players, bullets }), 101, 101 * DT);
  assert.deepEqual(ids(shown), ["b4"]);
  assert.ok(shots.isKnown("b4", bullets.b4));
});

test("those who may not be hurt are flown through: the own side, the dead, oneself", () => {
  for (const [settings, you, stopped] of [
    [{ mode: "ffa" }, ship(640, 500), true],
    [{ mode: "ffa" }, ship(640, 500, { alive: false }), false],
    [{ mode: "coop" }, ship(640, 500), false],
    [{ mode: "coop", friendly_fire: true }, ship(640, 500), true],
    [{ mode: "teams" }, ship(640, 500, { team: "red" }), false],
    [{ mode: "teams" }, ship(640, 500, { team: "blue" }), true],
    [{ mode: "teams", friendly_fire: true }, ship(640, 500, { team: "red" }), true],
  ]) {
    const shots = newShots(settings);
    const entities = picture({ players: { me: ship(500, 500, { team: "red" }), you } });
    shots.played(fired(100));
    for (let playhead = 95; playhead < 102.5; playhead += 0.5) shots.update(entities, playhead, playhead * DT);
    assert.equal(shots.update(entities, 102.5, 102.5 * DT).size, stopped ? 0 : 1, JSON.stringify([settings, you]));
  }
});

test("a hit that the server tells of ends the bullet that is nearest", () => {
  const shots = newShots();
  shots.played(fired(100));
  shots.played(fired(103, { y: 560 }));
  for (const playhead of [95, 97, 99]) shots.update(picture(), playhead, playhead * DT);
  shots.hit({ x: 526 + 4 * PACE + 10, y: 503 });
  assert.deepEqual(ids(shots.update(picture(), 99.2, 3.31)), ["own 103"]);
  shots.hit({ x: 1500, y: 1500 });
  assert.deepEqual(ids(shots.update(picture(), 99.4, 3.32)), ["own 103"]);
});

test("a shot into a wall or a body right before the gun is seen for one frame, however late the picture is", () => {
  for (const [options, x, entities] of [
    [{ walls: [[600, 400, 50, 200]] }, 575, picture()],
    [{}, 500, picture({ players: { you: ship(520, 500) } })],
  ]) {
    const shots = newShots(options);
    shots.played(fired(100, { x }));
    assert.deepEqual(ids(shots.update(entities, 99.7, 0)), ["own 100"]);
    assert.deepEqual(ids(shots.update(entities, 99.9, 0.01)), []);
  }
});

test("a shot that the server does not confirm is gone soon", () => {
  const shots = newShots();
  shots.played(fired(100));
  assert.equal(shots.update(picture(), 100, 0).size, 1);
  assert.equal(shots.update(picture(), 108, 0.3).size, 0);
});

test("a beam ends at the first wall or body in its way, at its range, or at the edge of the field", () => {
  const end = (settings, options, x = 500, aim = 0) => {
    const { toX, toY } = newShots(settings).beamEnd(x, 500, aim, picture(options));
    return [Math.round(toX * 10) / 10, Math.round(toY * 10) / 10];
  };
  const walls = [[800, 400, 50, 200]];
  assert.deepEqual(end({}, {}), [1700, 500]);
  assert.deepEqual(end({}, {}, 1500), [2000, 500]);
  assert.deepEqual(end({}, {}, 500, -Math.PI / 2), [500, 0]);
  assert.deepEqual(end({ walls }, {}), [800, 500]);
  assert.deepEqual(end({ walls }, { players: { you: ship(700, 500) } }), [680, 500]);
  assert.deepEqual(end({ walls }, { players: { you: ship(900, 500) } }), [800, 500]);
  assert.deepEqual(end({ mode: "coop" }, { players: { you: ship(700, 500) } }), [1700, 500]);
  assert.deepEqual(end({}, { enemies: { e1: { kind: "chaser", x: 700, y: 500 } } }), [682, 500]);
  assert.deepEqual(end({}, { players: { you: ship(300, 500) } }), [1700, 500], "behind");
});

test("a rail is shown once, and its event is known by its tick", () => {
  const shots = newShots();
  shots.played(fired(100, { shot: RAIL, aim: Math.PI / 2 }));
  assert.equal(shots.update(picture(), 95, 0).size, 0);
  const [beam, ...more] = shots.takeRails(picture());
  assert.deepEqual([beam.x, beam.y, Math.round(beam.toX), Math.round(beam.toY)], [500, 500, 500, 1700]);
  assert.deepEqual(more, []);
  assert.deepEqual(shots.takeRails(picture()), []);
  assert.ok(shots.hasRail(100) && !shots.hasRail(145));
});

test("a rail whose input came late is fired again in a later tick, and still shown once", () => {
  const shots = newShots();
  shots.played(fired(100, { shot: RAIL }));
  shots.played(fired(104, { shot: RAIL }));
  assert.equal(shots.takeRails(picture()).length, 1);
  assert.ok(shots.hasRail(107), "nor does the server's word draw it again");
  shots.played(fired(145, { shot: RAIL }));
  assert.equal(shots.takeRails(picture()).length, 1);
  // Where the rail loads quickly, presses may be close together.
  const quick = newShots({ rail_cooldown: 0.1 });
  quick.played(fired(100, { shot: RAIL }));
  quick.played(fired(103, { shot: RAIL }));
  assert.equal(quick.takeRails(picture()).length, 2);
});

/** What draws and sounds, noted down. */
function stage() {
  const log = [];
  const note = (name) => () => void log.push(name);
  const tracks = new Map();
  const field = {
    particles: { puff() {}, sparks() {}, ring() {}, burst() {} },
    tracks: { of: (id) => tracks.get(id) ?? tracks.set(id, { recoil: 0, flash: 0 }).get(id) },
    camera: { shake: note("shake"), sees: () => true },
    beams: { tracer: note("tracer"), rail: note("rail beam") },
    float() {},
    scar() {},
  };
  const cast = { selfId: "me", name: String, colour: () => "#ffffff" };
  return { log, effects: new Effects(field, cast, (name) => log.push(name)) };
}

test("muzzle and sound of an own shot come once, whether or not the server's copy is drawn at the end", () => {
  const { log, effects } = stage();
  const shots = newShots();
  const players = { you: ship(640, 505) };
  shots.played(fired(100));
  for (let playhead = 95; playhead < 104; playhead += 0.5) {
    // The guess that it met somebody was wrong: the server's flies on.
    const entities = picture({ players, bullets: playhead >= 100 ? { b1: row(100, playhead) } : {} });
    const drawn = { ...entities, bullets: shots.update(entities, playhead, playhead * DT) };
    effects.watch(drawn, (id, bullet) => shots.isKnown(id, bullet));
  }
  assert.equal(log.filter((name) => name === "shot").length, 1);
  assert.ok(!log.includes("tracer"));
});

test("a bullet of another that is under way when it is first seen gets a tracer from its gun", () => {
  const { log, effects } = stage();
  const at = (x, y, owner) => ({ x, y, vx: 700, vy: 0, owner, born: 0 });
  const players = { you: ship(700, 700) };
  effects.watch(picture({ players, bullets: { b1: at(740, 700, "you") } }));
  assert.ok(!log.includes("tracer"));
  effects.watch(picture({ players, bullets: { b2: at(860, 700, "you"), b3: at(900, 300, "") } }));
  assert.equal(log.filter((name) => name === "tracer").length, 1);
});

test("what fell out of sight is told without a place, and makes neither light nor sound", () => {
  const { log, effects } = stage();
  const show = (name, data) => effects.show({ tick: 1, name, data }, picture({ players: {} }));
  show("kill", { killer: "me", victim: "you", killer_kind: "player", weapon: "rail" });
  show("enemy_down", { by: "me", enemy: "e3", kind: "chaser", weapon: "gun" });
  assert.deepEqual(log, []);
  show("enemy_down", { by: "me", enemy: "e3", kind: "chaser", weapon: "gun", x: 640, y: 505 });
  assert.ok(log.length > 0);
});

test("what happens to oneself, and what came of one's rail, is shown at once; the rest with the picture", () => {
  const reactions = new Reactions({ selfId: "me", name: String, colour: String }, /** @type {any} */ ({}));
  const own = (name, data) => reactions.isOwn({ tick: 1, name, data });
  assert.ok(own("hit", { by: "you", target: "me", weapon: "gun" }));
  assert.ok(own("hit", { by: "me", target: "you", weapon: "rail" }));
  assert.ok(own("kill", { killer: "you", victim: "me" }) && own("respawn", { player: "me" }));
  assert.ok(own("pickup", { player: "me" }) && own("rail", { by: "me", target: "" }));
  assert.ok(own("rail", { by: "you", target: "me" }));
  assert.ok(!own("hit", { by: "me", target: "you", weapon: "gun" }));
  assert.ok(!own("kill", { killer: "me", victim: "you" }) && !own("rail", { by: "you", target: "" }) && !own("wave", {}));
});

/** A client whose server says what it is told to, and that predicted what it is told. */
function fakeClient({ row, predicted = null, events = [], tick = 50 }) {
  const client = {
    tick,
    playerId: "me",
    room: { tick_rate: 30, settings: { player_speed: 240, fire_cooldown: 0.2, rail_cooldown: 1.5 } },
    world: { events, entity: (_table, _id, into) => (row ? Object.assign(into, row) : null) },
    options: null,
    predict(options) {
      client.options = options;
      return { prediction: { at: () => predicted }, sample: () => null, stop() {} };
    },
  };
  return client;
}

const serverRow = (more = {}) => ({
  ...ship(500, 500),
  cooldown: 0,
  rail_cooldown: 0,
  rapid: false,
  hp: 100,
  ...more,
});

function told(options) {
  const client = fakeClient(options);
  const own = new OwnShip(/** @type {any} */ (client), /** @type {any} */ ({ read() {}, taken() {} }), () => {});
  own.start({ width: 2000, height: 2000, walls: [] });
  return client.options.state(client);
}

test("a cooldown stays as it was predicted while the server's, which is rounded, agrees with it", () => {
  const predicted = { ...freshWeapons(), x: 500, y: 500, vx: 0, vy: 0, cool: 0.1001, rail_cool: 1.2 };
  const agreed = told({ row: serverRow({ cooldown: 0.1, rail_cooldown: 1.2 }), predicted });
  assert.deepEqual(agreed, { x: 500, y: 500, vx: 0, vy: 0 });
  const other = told({ row: serverRow({ cooldown: 0.2, rail_cooldown: 0.5 }), predicted });
  assert.deepEqual(other, { x: 500, y: 500, vx: 0, vy: 0, cool: 0.2, rail_cool: 0.5 });
});

test("there is nothing to predict while the ship is down or not there, and everything when it appears", () => {
  assert.equal(told({ row: null }), null);
  assert.equal(told({ row: serverRow({ alive: false }) }), null);
  const first = told({ row: serverRow({ cooldown: 0.1 }) });
  assert.deepEqual(first, { ...freshWeapons(), x: 500, y: 500, vx: 0, vy: 0, cool: 0.1, rail_cool: 0 });
});

test("how long rapid fire lasts follows from when it was taken", () => {
  const predicted = { ...freshWeapons(), x: 500, y: 500, vx: 0, vy: 0 };
  const pickup = { tick: 48, name: "pickup", data: { player: "me", kind: "rapid" } };
  const taken = told({ row: serverRow({ rapid: true }), predicted, events: [pickup] });
  assert.ok(Math.abs(taken.rapid_left - (8 - 2 / 30)) < 1e-9);
  const others = { ...pickup, data: { player: "you", kind: "rapid" } };
  assert.equal(told({ row: serverRow(), predicted, events: [others] }).rapid_left, undefined);
  assert.equal(told({ row: serverRow(), predicted: { ...predicted, rapid_left: 1 } }).rapid_left, 0);
  assert.equal(told({ row: serverRow({ rapid: true }), predicted: { ...predicted, rapid_left: 1 } }).rapid_left, undefined);
});
