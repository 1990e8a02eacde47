/** What settings, modes and endings are called: by the game, by what many games share, or by their bare names. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Words } from "../../../src/rumpus/web/ui/words.js";
import { words as arena } from "../../../src/rumpus/web/views/arena/words.js";

test("a game that says nothing is called by its bare names", () => {
  const words = new Words();
  assert.equal(words.mode("last_ship"), "Last ship");
  assert.equal(words.setting("coin_value"), "Coin value");
  assert.equal(words.reason("all_collected"), "All collected");
  assert.equal(words.value("coin_value", 3), "3");
  assert.equal(words.offered("coin_value"), undefined);
  assert.equal(words.matters("coin_value", {}), true);
});

test("what many games have is known of any game", () => {
  const words = new Words();
  assert.equal(words.mode("ffa"), "Free for all");
  assert.equal(words.setting("time_limit"), "Time");
  assert.deepEqual(
    [0, 60, 90, 300].map((value) => words.value("time_limit", value)),
    ["no limit", "1 minute", "1:30", "5 minutes"],
  );
  assert.deepEqual([true, false, null].map((value) => words.value("anything", value)), ["on", "off", "usual"]);
  assert.equal(words.reason("time_limit"), "Time is up");
  assert.equal(words.reason("server_stopped"), "The server was stopped");
});

test("a game's own words come first, and the rest stays", () => {
  const words = new Words({
    modes: { hunt: "The hunt", ffa: "Everybody" },
    reasons: { time_limit: "Dawn" },
    settings: { time_limit: "Night" },
    offered: { time_limit: [30] },
    value: (name, value) => (name === "time_limit" && value === 30 ? "short" : undefined),
  });
  assert.equal(words.mode("ffa"), "Everybody");
  assert.equal(words.reason("time_limit"), "Dawn");
  assert.equal(words.setting("time_limit"), "Night");
  assert.deepEqual(words.offered("time_limit"), [30]);
  assert.equal(words.value("time_limit", 30), "short");
  assert.equal(words.value("time_limit", 60), "1 minute");
  assert.deepEqual(words.sorted(["ffa", "zoo", "hunt", "art"]), ["hunt", "ffa", "zoo", "art"]);
});

test("what is played is the mode, or the game where there are no modes", () => {
  assert.equal(arena.played({ mode: "coop" }, "arena"), "Co-op");
  assert.equal(new Words().played({}, "coins"), "Coins");
  assert.equal(new Words().played(null, "coins"), "Coins");
});

test("changes are one line, in which a mode needs no name", () => {
  assert.equal(
    arena.changes({ mode: "teams", time_limit: 120, enemies: 0, friendly_fire: true }),
    "Teams, time 2 minutes, enemies none, friendly fire on",
  );
});

test("each of Arena's modes has the settings by which it is won", () => {
  const told = (/** @type {string} */ mode) =>
    ["score_limit", "lives", "time_limit"].filter((name) => arena.matters(name, { mode }));
  assert.deepEqual(told("ffa"), ["score_limit", "time_limit"]);
  assert.deepEqual(told("teams"), ["score_limit", "time_limit"]);
  assert.deepEqual(told("coop"), ["lives", "time_limit"]);
  assert.deepEqual(told("elimination"), ["lives", "time_limit"]);
});
