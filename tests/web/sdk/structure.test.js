/** How the SDK is built: which module may know which, and that no class is made by extending another. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const WEB = fileURLToPath(new URL("../../../src/rumpus/web/", import.meta.url));

/** From the entry down. What stands on one floor does not know each other, but for the modules of one folder. */
const FLOORS = [
  ["sdk/rumpus.js"],
  ["sdk/client.js"],
  ["sdk/wiring.js"],
  ["sdk/room/", "sdk/prediction/"],
  ["sdk/state/"],
  ["sdk/net/"],
  ["sdk/errors.js", "sdk/emitter.js", "sdk/types.js"],
];

/** Classes that really are what they extend. */
const EXTENSIONS = {
  Client: "Emitter",
  Interpolation: "Picture",
  WorldInterpolation: "Picture",
  RumpusError: "Error",
  MessagePackError: "Error",
  SnapshotError: "Error",
};

const COMMENT = /\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm;
/** What a browser loads. */
const IMPORT = /(?:\bfrom\s+|\bimport\s+|\bimport\()"(\.{1,2}\/[^"]+|\/sdk\/[^"]+)"/g;
/** The types in comments. */
const TYPE = /\bimport\("(\.{1,2}\/[^"]+)"\)/g;

/** @param {string} path @returns {string} with slashes, from the folder of the web client */
const named = (path) => relative(WEB, path).split(sep).join("/");

/** @type {Map<string, string>} */
const sources = new Map();
for (const entry of readdirSync(WEB, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !entry.name.endsWith(".js")) continue;
  const path = join(entry.parentPath ?? entry.path, entry.name);
  sources.set(named(path), readFileSync(path, "utf8"));
}

/** @param {string} name of a module @param {{types: boolean}} with @returns {string[]} the modules that it knows */
function imports(name, { types }) {
  const source = sources.get(name) ?? "";
  const found = [...source.replace(COMMENT, "").matchAll(IMPORT), ...(types ? source.matchAll(TYPE) : [])];
  return found.map(([, target]) => (target.startsWith("/") ? target.slice(1) : named(join(WEB, dirname(name), target))));
}

/** @param {string} name of a module of the SDK @returns {{floor: number, place: string}} */
function standing(name) {
  for (const [floor, places] of FLOORS.entries())
    for (const place of places)
      if (name === place || (place.endsWith("/") && name.startsWith(place))) return { floor, place };
  return assert.fail(`${name} stands on no floor`);
}

/** @param {Map<string, string[]>} graph @returns {string[]} the modules of one circle; none if there is none */
function circle(graph) {
  /** @type {Set<string>} */
  const finished = new Set();
  /** @type {string[]} */
  const path = [];
  /** @param {string} name @returns {string[]} */
  function visit(name) {
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name];
    if (finished.has(name)) return [];
    path.push(name);
    for (const target of graph.get(name) ?? []) {
      const found = visit(target);
      if (found.length > 0) return found;
    }
    path.pop();
    finished.add(name);
    return [];
  }
  for (const name of graph.keys()) {
    const found = visit(name);
    if (found.length > 0) return found;
  }
  return [];
}

const sdk = [...sources.keys()].filter((name) => name.startsWith("sdk/"));

test("every import leads to a module that is there", () => {
  assert.ok(sdk.length > 30 && sources.size > 60);
  for (const name of sources.keys())
    for (const target of imports(name, { types: true })) assert.ok(sources.has(target), `${name} imports ${target}`);
});

test("imports of the SDK point down, types too", () => {
  for (const name of sdk) {
    const from = standing(name);
    for (const target of imports(name, { types: true })) {
      const to = standing(target);
      const down = to.floor > from.floor || (to.place === from.place && from.place.endsWith("/"));
      assert.ok(down, `${name} imports ${target}`);
    }
  }
});

test("pages know the SDK's entry and its types, and nothing behind them", () => {
  for (const name of sources.keys()) {
    if (name.startsWith("sdk/")) continue;
    for (const target of imports(name, { types: true }))
      if (target.startsWith("sdk/")) assert.match(target, /^sdk\/(rumpus|types)\.js$/, `${name} imports ${target}`);
  }
});

test("no modules import each other in a circle, and in the SDK not even for a type", () => {
  assert.deepEqual(circle(new Map(sdk.map((name) => [name, imports(name, { types: true })]))), []);
  assert.deepEqual(circle(new Map([...sources.keys()].map((name) => [name, imports(name, { types: false })]))), []);
});

test("a circle would be found", () => {
  assert.deepEqual(circle(new Map([["a", ["b", "c"]], ["b", ["c"]], ["c", ["d"]], ["d", ["b"]]])), ["b", "c", "d", "b"]);
  assert.deepEqual(circle(new Map([["a", ["b", "c"]], ["b", ["c"]], ["c", []]])), []);
});

test("classes of the SDK are composed: they extend only what they are, and have nothing for who would extend them", () => {
  /** @type {Record<string, string>} */
  const extensions = {};
  for (const name of sdk) {
    const source = sources.get(name) ?? "";
    for (const [, derived, base] of source.matchAll(/\bclass (\w+) extends (\w+)/g)) extensions[derived] = base;
    assert.ok(!source.includes("@protected"), `${name} has a hook`);
  }
  assert.deepEqual(extensions, EXTENSIONS);
});
