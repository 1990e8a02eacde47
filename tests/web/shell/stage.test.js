/** What the stage tells a view from the title to the results, and when the next room is another game's. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Stage } from "../../../src/rumpus/web/shell/stage.js";

/** What lies on the page's body. @type {Record<string, any>} */
let body;

beforeEach(() => {
  body = { dataset: {}, toggleAttribute: (/** @type {string} */ name, /** @type {boolean} */ on) => (body[name] = on) };
  Object.assign(globalThis, { document: { body } });
});

/**
 * A stage with views that note down what they are told.
 *
 * @param {Record<string, any>} client
 */
function stageOf(client) {
  /** @type {string[]} */
  const told = [];
  /** @type {Map<string, any>} */
  const made = new Map();
  const make = (/** @type {string} */ name) =>
    new Proxy(/** @type {any} */ ({ name, ready: false }), {
      get: (own, member) =>
        member in own
          ? own[member]
          : (/** @type {any[]} */ ...given) => {
              const shown = given.map((value) => (typeof value === "object" ? (value ? "{}" : "null") : String(value)));
              told.push(`${name}.${String(member)}(${shown})`);
            },
    });
  const views = {
    of: (game = "first") => {
      if (!made.has(game)) made.set(game, make(game));
      return made.get(game);
    },
  };
  const stage = new Stage(/** @type {any} */ (client), /** @type {any} */ (views));
  const take = () => told.splice(0);
  return { stage, take, view: views.of };
}

test("on the title the default view shows its backdrop, and nothing of a room", () => {
  const { stage, take } = stageOf({ room: null });
  stage.show("title");
  assert.deepEqual(take(), ["first.leave()", "first.backdrop(true)", "first.play(false)", "first.watch()"]);
  assert.equal(body.dataset.view, "first");
});

test("a room is entered, and a match that runs already is shown", () => {
  const client = { room: { game: "first" }, me: {} };
  const { stage, take, view } = stageOf(client);
  stage.enter(/** @type {any} */ ({ status: "waiting" }));
  assert.deepEqual(take(), ["first.stop()", "first.enter({})"]);
  stage.enter(/** @type {any} */ ({ status: "in-progress" }));
  assert.deepEqual(take(), ["first.stop()", "first.enter({})", "first.start(null)"]);
  stage.show("playing");
  assert.deepEqual(take(), ["first.backdrop(true)", "first.play(true)", "first.watch()"]);
  assert.equal(body["data-loading"], true);
  view("first").ready = true;
  stage.show("playing");
  assert.deepEqual(take(), ["first.backdrop(false)", "first.play(true)", "first.watch()"]);
  assert.equal(body["data-loading"], false);
});

test("after the match its picture stays behind the results, until the next is waited for", () => {
  const { stage, take, view } = stageOf({ room: { game: "first" }, me: {} });
  view("first").ready = true;
  stage.show("results");
  assert.deepEqual(take(), ["first.backdrop(false)", "first.play(false)", "first.watch()"]);
  stage.show("waiting");
  assert.deepEqual(take(), ["first.stop()", "first.backdrop(true)", "first.play(false)", "first.watch()"]);
});

test("who only watches is told why, and how late it is", () => {
  const client = { room: { game: "first", spectator_delay: 3 }, spectating: true, me: null };
  const { stage, take, view } = stageOf(client);
  view("first").ready = true;
  stage.show("playing");
  assert.deepEqual(take(), ["first.backdrop(false)", "first.play(false)", "first.watch(Watching, 3 s behind)"]);
  Object.assign(client, { spectating: false, me: { out: true }, room: { game: "first" } });
  stage.show("playing");
  assert.deepEqual(take(), ["first.backdrop(false)", "first.play(false)", "first.watch(You are out: watching)"]);
});

test("one view at a time: another game's room takes the stage, and the title gives it back", () => {
  /** @type {{room: {game: string} | null, me: object}} */
  const client = { room: { game: "second" }, me: {} };
  const { stage, take } = stageOf(client);
  stage.enter(/** @type {any} */ ({ status: "waiting" }));
  assert.deepEqual(take(), ["first.leave()", "first.backdrop(false)", "second.stop()", "second.enter({})"]);
  client.room = null;
  stage.show("title");
  const given = ["second.leave()", "second.backdrop(false)", "first.leave()", "first.backdrop(true)"];
  assert.deepEqual(take().slice(0, 4), given);
});
