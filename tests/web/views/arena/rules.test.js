/**
 * Arena's rules in JavaScript give the same bits as the server's kernels: golden trajectories and timers that Python
 * wrote (`python -m tests.golden.arena_movement`), and properties that hold for any map.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { direction } from "../../../../src/rumpus/web/views/arena/rules/direction.js";
import { firstWall, NO_WALL } from "../../../../src/rumpus/web/views/arena/rules/first-wall.js";
import { settle, steer, walk } from "../../../../src/rumpus/web/views/arena/rules/movement.js";
import { makeStep } from "../../../../src/rumpus/web/views/arena/rules/step.js";
import { Walls } from "../../../../src/rumpus/web/views/arena/rules/walls.js";
import { fire, freshWeapons, GUN, RAIL } from "../../../../src/rumpus/web/views/arena/rules/weapons.js";
import { generator } from "../../fakes/random.js";

const golden = JSON.parse(readFileSync(new URL("../../../golden/arena-movement.json", import.meta.url), "utf8"));

/** The generator that both sides of the golden file draw from (xorshift32). */
function draws(seed) {
  let state = seed >>> 0;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state;
  };
  return { next, unit: () => next() / 4294967296 };
}

/** FNV-1a over whole 32-bit numbers or floats, as little-endian bytes. */
class Hash {
  #value = 0x811c9dc5;
  #view = new DataView(new ArrayBuffer(8));

  #bytes(count) {
    for (let at = 0; at < count; at += 1)
      this.#value = Math.imul(this.#value ^ this.#view.getUint8(at), 0x01000193) >>> 0;
  }

  whole(value) {
    this.#view.setInt32(0, value, true);
    this.#bytes(4);
  }

  float(value) {
    this.#view.setFloat64(0, value, true);
    this.#bytes(8);
  }

  get text() {
    return this.#value.toString(16).padStart(8, "0");
  }
}

function stick({ next, unit }) {
  let x;
  switch (next() % 8) {
    case 0:
      return [0, 0];
    case 1:
    case 2:
      x = (next() % 3) - 1;
      return [x, (next() % 3) - 1];
    case 3:
      x = unit() * 2 - 1;
      return [x, unit() * 2 - 1];
    case 4:
      x = ((next() % 21) - 10) / 10;
      return [x, ((next() % 21) - 10) / 10];
    case 5:
      x = ((next() % 7) - 3) / 3;
      return [x, ((next() % 7) - 3) / 3];
    case 6:
      x = (next() % 2) * 2 - 1;
      return [x, unit() * 2 - 1];
    default:
      x = (unit() - 0.5) / 64;
      return [x, (next() % 2) * 2 - 1];
  }
}

for (const sample of golden.movement) {
  test(`golden trajectory ${sample.name}: ${sample.steps} steps`, () => {
    const walls = new Walls(golden.maps[sample.map]);
    const random = draws(sample.seed);
    const hash = new Hash();
    const dt = 1 / sample.tick_rate;
    const step = makeStep(walls, { player_speed: sample.player_speed, fire_cooldown: 1, rail_cooldown: 1 });
    let state = { x: sample.start[0], y: sample.start[1], vx: 0, vy: 0, ...freshWeapons() };
    let move = [0, 0];
    for (let at = 0; at < sample.steps; at += 1) {
      const drawn = random.next();
      if (at === 0 || drawn % sample.hold === 0) move = stick(random);
      state = step(state, { move_x: move[0], move_y: move[1], aim: 0, fire: false, rail: false }, dt);
      const whole = [state.x * 8, state.y * 8, state.vx * 4, state.vy * 4];
      for (const number of whole) hash.whole(number);
      if ((at + 1) % 20 === 0) {
        // Minus zero is a zero here, as it is on the wire.
        const told = whole.map((number) => number + 0);
        assert.deepEqual(told, sample.samples[(at + 1) / 20 - 1], `after step ${at + 1}`);
      }
    }
    assert.equal(hash.text, sample.hash);
  });
}

for (const sample of golden.timers) {
  test(`golden timers ${sample.name}: ${sample.steps} steps`, () => {
    const random = draws(sample.seed);
    const hash = new Hash();
    const dt = 1 / sample.tick_rate;
    const weapons = freshWeapons();
    const triggers = { fire: false, rail: false };
    const shots = [];
    const rails = [];
    for (let at = 0; at < sample.steps; at += 1) {
      const drawn = random.next();
      if (at === 0 || drawn % sample.hold === 0) {
        triggers.fire = random.next() % 2 === 0;
        triggers.rail = random.next() % 4 === 0;
      }
      weapons.rapid_left = sample.rapid.some(([from, to]) => from <= at && at < to) ? Infinity : 0;
      fire(weapons, triggers, sample, dt);
      if (weapons.shot === GUN) shots.push(at);
      if (weapons.shot === RAIL) rails.push(at);
      for (const value of [weapons.cool, weapons.rail_cool, weapons.latch, weapons.rail_latch]) hash.float(value);
    }
    assert.deepEqual(shots, sample.shots);
    assert.deepEqual(rails, sample.rails);
    assert.equal(hash.text, sample.hash);
  });
}

/** A map of random walls, whole numbers as the server's are. */
function randomMap(random, count) {
  const walls = [];
  for (let at = 0; at < count; at += 1)
    walls.push([
      random.whole(0, 36) * 50,
      random.whole(0, 36) * 50,
      random.whole(1, 5) * 50,
      random.whole(1, 5) * 50,
    ]);
  return { width: 2000, height: 2000, walls };
}

test("the lookup of walls changes nothing: it gives what trying all of them gives", () => {
  const random = generator(5);
  let pushed = 0;
  for (let round = 0; round < 12; round += 1) {
    const map = randomMap(random, 40);
    const walls = new Walls(map);
    const all = new Walls(map);
    const everything = Int32Array.from(map.walls, (_, number) => number * 4);
    all.near = () => everything;
    const body = { x: 1000, y: 1000, vx: 0, vy: 0 };
    const other = { ...body };
    for (let at = 0; at < 400; at += 1) {
      const [x, y] = [random.share() * 2 - 1, random.share() * 2 - 1];
      const before = { ...body };
      for (const [moved, on] of [
        [body, walls],
        [other, all],
      ]) {
        steer(moved, x, y, 600, 0.1);
        walk(moved, 20, 0.1, on);
      }
      if (Math.abs(body.x - before.x - body.vx * 0.1) > 1) pushed += 1;
      assert.deepEqual(body, other);
      const [toX, toY] = [random.whole(0, 2000), random.whole(0, 2000)];
      assert.equal(
        firstWall(body.x, body.y, toX, toY, 5, walls),
        firstWall(body.x, body.y, toX, toY, 5, all),
      );
    }
  }
  assert.ok(pushed > 50, "bodies met walls");
});

test("where a shot ends is where it first comes closer to a wall than its radius", () => {
  const random = generator(9);
  const map = randomMap(random, 14);
  const walls = new Walls(map);
  let met = 0;
  for (let at = 0; at < 500; at += 1) {
    const from = [random.share() * 2000, random.share() * 2000];
    const to = [random.share() * 2000, random.share() * 2000];
    const inside = (share) => {
      const x = from[0] + (to[0] - from[0]) * share;
      const y = from[1] + (to[1] - from[1]) * share;
      return map.walls.some(([l, t, w, h]) => x > l - 5 && x < l + w + 5 && y > t - 5 && y < t + h + 5);
    };
    const share = firstWall(from[0], from[1], to[0], to[1], 5, walls);
    let expected = NO_WALL;
    for (let sample = 0; sample <= 4000 && expected === NO_WALL; sample += 1)
      if (inside(sample / 4000)) expected = sample / 4000;
    if (expected === NO_WALL) {
      // A corner may be cut between two samples, but then only just.
      if (share !== NO_WALL) assert.ok(!inside(Math.min(1, share + 1 / 2000)), `from ${from} to ${to}`);
      continue;
    }
    met += 1;
    assert.ok(share <= expected + 1e-9 && share > expected - 1 / 3000, `${share} for ${expected}`);
  }
  assert.ok(met > 200);
});

test("directions are cosine and sine, for many turns to either side", () => {
  const random = generator(2);
  for (let at = 0; at < 2000; at += 1) {
    const angle = (random.share() - 0.5) * 10 ** random.whole(0, 5);
    const { x, y } = direction(angle);
    assert.ok(Math.abs(x - Math.cos(angle)) < 1e-9 && Math.abs(y - Math.sin(angle)) < 1e-9, `of ${angle}`);
  }
});

test("a step makes a new state and leaves the old one alone", () => {
  const step = makeStep(new Walls({ width: 800, height: 800, walls: [] }), {
    player_speed: 240,
    fire_cooldown: 0.2,
    rail_cooldown: 1.5,
  });
  const state = Object.freeze({ x: 400, y: 400, vx: 0, vy: 0, ...freshWeapons() });
  const next = step(state, Object.freeze({ move_x: 1, move_y: 0, aim: 0, fire: true, rail: false }), 1 / 30);
  assert.ok(next.x > 400 && next.vx > 0);
  assert.equal(next.shot, GUN);
  const settled = { ...next };
  settle(settled);
  assert.deepEqual(settled, next, "what a tick leaves is rounded");
});

test("a press that is shorter than a tick, or comes a little early, fires; one that comes much too early does not", () => {
  const settings = { fire_cooldown: 0.2, rail_cooldown: 1.5 };
  const shotsOf = (presses) => {
    const weapons = freshWeapons();
    const shots = [];
    for (let tick = 0; tick < 12; tick += 1) {
      fire(weapons, { fire: presses.includes(tick), rail: false }, settings, 1 / 30);
      if (weapons.shot === GUN) shots.push(tick);
    }
    return shots;
  };
  assert.deepEqual(shotsOf([0]), [0]);
  assert.deepEqual(shotsOf([0, 4]), [0, 6]);
  assert.deepEqual(shotsOf([0, 2]), [0]);
});

test("of both triggers the rail's counts while it is loaded, and it does not fire faster for rapid fire", () => {
  const settings = { fire_cooldown: 0.2, rail_cooldown: 1.5 };
  const weapons = { ...freshWeapons(), rapid_left: 100 };
  const fired = { [GUN]: [], [RAIL]: [] };
  for (let tick = 0; tick < 60; tick += 1) {
    fire(weapons, { fire: true, rail: true }, settings, 1 / 30);
    fired[weapons.shot]?.push(tick);
  }
  assert.deepEqual(fired[RAIL], [0, 45]);
  assert.deepEqual(fired[GUN].slice(0, 3), [6, 9, 12]);
});
