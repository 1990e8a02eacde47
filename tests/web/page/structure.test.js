/**
 * How the page is built: ui below views below shell, nothing in a circle, and no game known by name outside the views.
 * Types that comments import count like code: what has to be read to understand a module is what it depends on.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const WEB = fileURLToPath(new URL("../../../src/rumpus/web", import.meta.url));

/** From the lowest to the highest: each may import itself and what stands before it. */
const LAYERS = ["sdk", "ui", "views", "shell"];

/** What the page may know of the SDK: what any author imports, and the types of the protocol's messages. */
const SDK = ["sdk/rumpus.js", "sdk/types.js"];

const MOST_LINES = 400;

/** Imports of each module, by paths below web/. @type {Map<string, string[]>} */
const imports = new Map();
/** @type {Map<string, string>} */
const sources = new Map();
for (const layer of LAYERS.slice(1))
  for (const entry of readdirSync(join(WEB, layer), { recursive: true })) {
    const path = `${layer}/${entry}`;
    if (!path.endsWith(".js")) continue;
    const source = readFileSync(join(WEB, path), "utf8");
    sources.set(path, source);
    const found = source.matchAll(/(?:\bfrom\s*|\bimport\s*\(\s*|\bimport\s+)"([./][^"]+)"/g);
    imports.set(path, [...new Set([...found].map(([, to]) => relative(WEB, join(WEB, dirname(path), to))))]);
  }

/** Folders of views. */
const games = readdirSync(join(WEB, "views"), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

/**
 * All imports that are not allowed, one a line.
 *
 * @param {(from: string, to: string) => boolean} allowed
 */
function offences(allowed) {
  return [...imports].flatMap(([from, all]) => all.filter((to) => !allowed(from, to)).map((to) => `${from} -> ${to}`));
}

/** @param {string} path */
const layerOf = (path) => LAYERS.indexOf(path.split("/")[0]);

/** Of a module in a folder of a view; "" for the few that stand beside them. @param {string} path */
const viewOf = (path) => (path.startsWith("views/") && path.split("/").length > 2 ? path.split("/")[1] : "");

test("the imports of all modules are found, and lead to modules", () => {
  assert.ok(imports.size > 60);
  assert.ok(imports.get("shell/main.js")?.includes("views/registry.js"));
  assert.ok(imports.get("views/arena/view.js")?.includes("views/view.js"), "a type that only a comment imports");
  assert.deepEqual(
    offences((_, to) => imports.has(to) || SDK.includes(to)),
    [],
  );
});

test("ui knows no views, and views know no shell", () => {
  assert.deepEqual(
    offences((from, to) => layerOf(to) >= 0 && layerOf(to) <= layerOf(from)),
    [],
  );
});

test("no view knows another, and only the registry knows them all", () => {
  assert.ok(games.includes("arena") && games.includes("generic"));
  assert.deepEqual(
    offences((from, to) => viewOf(to) === "" || viewOf(to) === viewOf(from) || from === "views/registry.js"),
    [],
  );
});

test("no module imports itself by way of others", () => {
  /** @type {Set<string>} */
  const done = new Set();
  const follow = (/** @type {string} */ path, /** @type {string[]} */ way) => {
    if (way.includes(path)) assert.fail([...way.slice(way.indexOf(path)), path].join(" -> "));
    if (done.has(path)) return;
    for (const next of imports.get(path) ?? []) follow(next, [...way, path]);
    done.add(path);
  };
  for (const path of imports.keys()) follow(path, []);
});

test("neither shell nor ui knows a game by name", () => {
  const name = new RegExp(games.join("|"), "i");
  const named = [...sources].filter(([path, source]) => !path.startsWith("views/") && name.test(source));
  assert.deepEqual(
    named.map(([path]) => path),
    [],
  );
});

test(`no module is longer than ${MOST_LINES} lines`, () => {
  const long = [...sources].filter(([, source]) => source.trimEnd().split("\n").length > MOST_LINES);
  assert.deepEqual(
    long.map(([path]) => path),
    [],
  );
});
