/** What Arena says of people and enemies out of sight: ladder, lead, the wave. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { goal } from "../../../../src/rumpus/web/views/arena/hud.js";
import { Narrator } from "../../../../src/rumpus/web/views/arena/narrator.js";
import { best, standings } from "../../../../src/rumpus/web/views/arena/standings.js";
import { World, WorldInterpolation } from "../../../../src/rumpus/web/sdk/rumpus.js";
import { SnapshotEncoder } from "../../fakes/snapshot-encoder.js";
import { choice, fixed, int, table } from "../../fakes/tables.js";

const NAMES = { a: "Ann", b: "Ben", c: "Cid", d: "Dot" };
const cast = { selfId: "a", name: (id) => NAMES[id] ?? "Enemy", colour: () => "#fff", signed: (id) => id === "b" };

const line = (score, { kills = 0, deaths = 0, team = "" } = {}) => ({ score, kills, deaths, team });
const ladder = (lines) => standings(new Map(Object.entries(lines)), cast);

test("the best come first, and equal scores share a rank", () => {
  const list = ladder({ a: line(2), b: line(5, { kills: 6, deaths: 1 }), c: line(-1), d: line(2) });
  assert.deepEqual(
    list.map(({ rank, name, score }) => [rank, name, score]),
    [
      [1, "Ben", 5],
      [2, "Ann", 2],
      [2, "Dot", 2],
      [4, "Cid", -1],
    ],
  );
  assert.deepEqual(list[0], { id: "b", name: "Ben", signed: true, team: "", score: 5, kills: 6, deaths: 1, rank: 1 });
});

test("of equal scores, who fell less often stands above, and then the alphabet decides", () => {
  const list = ladder({ a: line(2, { deaths: 3 }), d: line(2, { deaths: 1 }), b: line(2, { deaths: 1 }) });
  assert.deepEqual(
    list.map(({ name }) => name),
    ["Ben", "Dot", "Ann"],
  );
});

test("the best are shown, and in the last line oneself from any place", () => {
  const list = ladder({ a: line(1), b: line(4), c: line(3), d: line(2) });
  const shown = (count, selfId) =>
    best(list, count, selfId)
      .map(({ id }) => id)
      .join("");
  assert.equal(shown(2, "a"), "ba");
  assert.equal(shown(3, "c"), "bcd");
  assert.equal(shown(9, "a"), "bcda");
  assert.equal(shown(2, "somebody who watches"), "bc");
});

test("who has no ship in sight stands in the ladder all the same", () => {
  const tables = [
    table("players", [fixed("x", { moves: true }), fixed("y", { moves: true })]),
    table("scores", [
      int("score", { min: -32768, max: 32767, bytes: 2 }),
      int("kills", { max: 65535, bytes: 2 }),
      int("deaths", { max: 65535, bytes: 2 }),
      choice("team", "", "red", "blue"),
    ]),
  ];
  const world = new World(tables);
  const server = new SnapshotEncoder(tables);
  const smooth = new WorldInterpolation({}, { tickRate: 10, sendRate: 10 });
  for (let tick = 0; tick < 4; tick += 1) {
    const rows = {
      players: new Map([["a", [80, 80]]]),
      // n of a score counts from the least there can be.
      scores: new Map([
        ["a", [32768, 0, tick, 1]],
        ["b", [32768 + tick, tick, 0, 2]],
      ]),
    };
    world.apply(server.snapshot(rows, { tick, keyframe: tick === 0 }));
    smooth.push(world, {}, tick / 10);
  }
  const { entities } = smooth.sample(0.5);
  assert.deepEqual([...entities.players.keys()], ["a"]);
  assert.deepEqual(standings(entities.scores, cast), [
    { id: "b", name: "Ben", signed: true, team: "blue", score: 3, kills: 3, deaths: 0, rank: 1 },
    { id: "a", name: "Ann", signed: false, team: "red", score: 0, kills: 0, deaths: 3, rank: 2 },
  ]);
});

/** A narrator, and what it announces. */
function narrator() {
  const said = [];
  const announcer = {
    announce: (text, { detail = "" } = {}) => said.push(detail ? `${text}: ${detail}` : text),
    note: () => {},
  };
  return { said, story: new Narrator(announcer, cast, { play: () => {} }) };
}

const STATE = { mode: "ffa", time_limit: 0, time_left: 0, lives: 0, enemies_left: 0, red_score: 0, blue_score: 0 };

test("the lead is won from, and lost to, people out of sight", () => {
  const { said, story } = narrator();
  const watch = (lines) => story.watch(ladder(lines), STATE, "");
  watch({ a: line(0), b: line(0), c: line(0) });
  watch({ a: line(0), b: line(2), c: line(0) });
  assert.deepEqual(said, []);
  watch({ a: line(3), b: line(2), c: line(0) });
  watch({ a: line(3), b: line(3), c: line(0) });
  watch({ a: line(3), b: line(3), c: line(4) });
  assert.deepEqual(said, ["You take the lead", "Lead lost: Cid is ahead"]);
});

test("in teams the teams' scores decide who leads", () => {
  const { said, story } = narrator();
  const watch = (red_score, blue_score) => story.watch([], { ...STATE, mode: "teams", red_score, blue_score }, "blue");
  watch(0, 0);
  watch(0, 1);
  watch(2, 1);
  assert.deepEqual(said, ["Your team leads", "Lead lost: The red team is ahead"]);
});

test("in co-op the goal counts the enemies of the wave that are left, and the lives", () => {
  const state = { ...STATE, mode: "coop", wave: 3, lives: 1, enemies_left: 12, score_limit: 0 };
  assert.equal(goal(state, true), "Wave 3 · 12 enemies · 1 life");
  assert.equal(goal({ ...state, enemies_left: 1, lives: 0 }, false), "1 enemy · 0 lives");
});

test("otherwise it says how many points win", () => {
  assert.equal(goal({ ...STATE, score_limit: 20 }, true), "first to 20");
  assert.equal(goal({ ...STATE, score_limit: 0 }, true), "free for all");
});
