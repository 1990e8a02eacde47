/**
 * What a browser pays for a snapshot: decoding it, keeping a copy for the picture, drawing the picture from it, and the
 * garbage that each of these leaves.
 *
 *     node --expose-gc --min-semi-space-size=64 --max-semi-space-size=128 benchmarks/decode_snapshots.mjs
 *
 * The match: 20 players, 10 enemies and 30 bullets, of which the players and enemies turn and speed up all the time (30
 * changed rows of 60), and in every tenth snapshot three bullets go and three come.
 */
import { SnapshotEncoder } from "../tests/web/fakes/snapshot-encoder.js";
import { angle, choice, fixed, flag, int, table, text } from "../tests/web/fakes/tables.js";
import { generator } from "../tests/web/fakes/random.js";
import { World, WorldInterpolation } from "../src/rumpus/web/sdk/rumpus.js";

const position = [fixed("x", { moves: true }), fixed("y", { moves: true })];
const small = (name) => int(name, { min: -1000, max: 1000, bytes: 2 });
const SCHEMA = [
  table("match", [fixed("time_left", { step: 1 / 30, max: 3600, bytes: 3, moves: true }), int("wave")], {
    single: true,
  }),
  table("players", [
    ...position,
    fixed("vx", { step: 1 / 4, min: -1000, max: 1000 }),
    fixed("vy", { step: 1 / 4, min: -1000, max: 1000 }),
    angle("angle"),
    int("hp"),
    int("shield"),
    ...["score", "kills", "deaths"].map(small),
    choice("team", "", "red", "blue"),
    ...["alive", "protected", "rapid"].map(flag),
    fixed("cooldown", { step: 1 / 60, max: 10, bytes: 2, moves: true }),
    fixed("respawn_in", { step: 1 / 30, max: 60, bytes: 2, moves: true }),
  ]),
  table("enemies", [choice("kind", "chaser", "shooter"), ...position, angle("angle"), int("hp"), int("max_hp")], {
    key: "e",
  }),
  table("bullets", [...position, text("owner")], { key: "b" }),
];
const SNAPSHOTS = 1200;
const ROUNDS = 20;

/** The match as a list of messages; the first is a keyframe. */
function record() {
  const random = generator(1);
  const encoder = new SnapshotEncoder(SCHEMA);
  const players = new Map(Array.from({ length: 20 }, (_, index) => [`p${index}`, new Array(16).fill(4000 + index)]));
  for (const cells of players.values()) cells.splice(5, 11, 100, 0, 1000, 1000, 1000, 0, 1, 0, 0, 0, 0);
  const enemies = new Map(Array.from({ length: 10 }, (_, index) => [index, [index % 2, 9000, 9000, 0, 42, 42]]));
  const bullets = new Map();
  let next = 0;
  const messages = [];
  for (let tick = 0; tick < SNAPSHOTS; tick += 1) {
    for (const cells of players.values()) {
      for (const at of [0, 1]) cells[at] += random.whole(-60, 60) * (at === 0 ? 1 : random.whole(0, 1));
      for (const at of [2, 3]) cells[at] = random.whole(0, 8000);
      cells[4] = random.whole(0, 255);
      cells[0] = Math.max(0, Math.min(32768, cells[0]));
      cells[1] = Math.max(0, Math.min(32768, cells[1]));
      if (random.share() < 0.05) cells[14] = 12;
      else cells[14] = Math.max(0, cells[14] - 2);
    }
    for (const cells of enemies.values()) {
      cells[1] = Math.max(0, Math.min(32768, cells[1] + random.whole(-40, 40)));
      cells[2] = Math.max(0, Math.min(32768, cells[2] + random.whole(-40, 40)));
      cells[3] = random.whole(0, 255);
    }
    for (const cells of bullets.values()) cells[0] += 10;
    if (tick % 10 === 0) {
      for (const id of [...bullets.keys()].slice(0, bullets.size > 27 ? 3 : 0)) bullets.delete(id);
      while (bullets.size < 30) bullets.set(next++, [random.whole(1000, 20000), random.whole(0, 32768), "p1"]);
    }
    const match = new Map([["", [90_000 - tick, 1]]]);
    messages.push(
      encoder.snapshot(
        { match, players, enemies, bullets },
        { tick, keyframe: tick === 0, steps: { bullets: [10, 0] } },
      ),
    );
  }
  return messages;
}

/**
 * @param {string} name
 * @param {() => void} run what is done SNAPSHOTS times in each call
 */
function measure(name, run) {
  for (let round = 0; round < 5; round += 1) run();
  let best = Infinity;
  const growths = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    globalThis.gc?.();
    const before = process.memoryUsage().heapUsed;
    const start = performance.now();
    run();
    best = Math.min(best, performance.now() - start);
    growths.push(process.memoryUsage().heapUsed - before);
  }
  // The median: a collection in the middle of a round makes its figure small.
  const grown = growths.sort((a, b) => a - b)[ROUNDS / 2] / SNAPSHOTS;
  const bytes = globalThis.gc ? `${grown.toFixed(0).padStart(7)} bytes allocated` : "(--expose-gc for bytes)";
  console.log(`${name.padEnd(40)} ${((best / SNAPSHOTS) * 1000).toFixed(2).padStart(7)} µs  ${bytes}`);
}

/**
 * Apply the messages once more, as if the match went on: its ticks never go back.
 *
 * @param {World} world
 * @param {() => void} [then]
 */
function replay(world, then = () => {}) {
  const begun = world.tick + 1;
  for (const message of messages) {
    world.apply(message);
    world.tick += begun;
    then();
  }
}

const messages = record();
const motions = { players: { snap: 160, breaks: ["alive"] } };
const [decoded, copied, drawn] = [1, 2, 3].map(() => new World(SCHEMA));
const [kept, shown] = [1, 2].map(() => new WorldInterpolation(motions, { tickRate: 30, sendRate: 30 }));
const fixedState = {};
const keep = () => kept.push(copied, fixedState, copied.tick / 30);
const draw = () => {
  shown.push(drawn, fixedState, drawn.tick / 30);
  shown.sample(drawn.tick / 30);
  shown.sample((drawn.tick + 0.5) / 30);
};
const total = messages.slice(1).reduce((sum, message) => sum + message.length, 0);
console.log(`${messages.length} snapshots, ${(total / (messages.length - 1)).toFixed(0)} bytes on average\n`);

measure("decode", () => replay(decoded));
measure("decode, keep a copy", () => replay(copied, keep));
measure("decode, keep a copy, two pictures", () => replay(drawn, draw));
measure("decode, and the whole as plain data", () => replay(decoded, () => decoded.plain()));
