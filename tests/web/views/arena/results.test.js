/** What Arena adds to the results: kills and deaths, and what became of the waves. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ArenaView } from "../../../../src/rumpus/web/views/arena/view.js";

/**
 * Ask a view that has no page around it.
 *
 * @param {"resultColumns" | "resultTitle"} what
 * @param {object} client
 * @param {any} about
 */
const ask = (what, client, about) => /** @type {any} */ (ArenaView.prototype[what]).call({ client }, about);

/** @param {string} player_id */
const result = (player_id) => ({ player_id, name: player_id, score: 1, rank: 1 });

test("kills and deaths stand in the results as far as the last state tells them", () => {
  const client = { state: { scores: { p1: { kills: 3, deaths: 0 } } } };
  const results = [result("p1"), result("p2")];
  const columns = ask("resultColumns", client, results);
  assert.deepEqual(
    columns.map((/** @type {import("../../../../src/rumpus/web/views/view.js").Column} */ { head, cell }) => [
      head,
      ...results.map(cell),
    ]),
    [
      ["Kills", "3", "–"],
      ["Deaths", "0", "–"],
    ],
  );
});

test("without a state there are no such columns", () => {
  assert.deepEqual(ask("resultColumns", { state: null }, [result("p1")]), []);
  assert.deepEqual(ask("resultColumns", { state: { scores: {} } }, [result("p1")]), []);
});

test("co-op ends with what became of the waves, every other mode with who won", () => {
  const title = (/** @type {string} */ mode, /** @type {string} */ reason) =>
    ask("resultTitle", { room: { settings: { mode } } }, { reason });
  assert.equal(title("coop", "defeated"), "Overrun");
  assert.equal(title("coop", "waves_cleared"), "The arena is yours");
  assert.equal(title("coop", "time_limit"), "Well fought");
  assert.equal(title("ffa", "score_limit"), null);
});
