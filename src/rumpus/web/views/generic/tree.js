/**
 * Plain data as a tree that folds. The nodes stay while the values change, so that what is folded stays folded and
 * nothing flickers; a value that has just changed lights up.
 */
import { make, setText } from "../../ui/dom.js";

/** More children than this are not shown one by one. */
const MOST = 200;

/** @typedef {{element: HTMLElement, summary: HTMLElement, body: HTMLElement | null, children: Map<string, Node_>, kind: string, text: string}} Node_ */

export class StateTree {
  element = make("div", { class: "g-tree", "data-testid": "generic-state" });
  /** @type {Node_ | null} */
  #root = null;

  /** @param {any} value */
  draw(value) {
    if (!this.#root || this.#root.kind !== kindOf(value)) {
      this.#root = build("state", value, 0);
      this.element.replaceChildren(this.#root.element);
    }
    update(this.#root, value, 0);
  }
}

/** @param {any} value */
function kindOf(value) {
  return value !== null && typeof value === "object" ? (Array.isArray(value) ? "list" : "map") : "leaf";
}

/**
 * @param {string} key
 * @param {any} value
 * @param {number} depth
 * @returns {Node_}
 */
function build(key, value, depth) {
  const kind = kindOf(value);
  const summary = make("span", { class: "g-value" });
  const name = make("span", { class: "g-key", text: key });
  if (kind === "leaf") {
    return {
      element: make("div", { class: "g-leaf" }, name, summary),
      summary,
      body: null,
      children: new Map(),
      kind,
      text: "",
    };
  }
  const body = make("div", { class: "g-children" });
  const element = make("details", {}, make("summary", {}, name, summary), body);
  // Deep parts start folded: a state of fifty ships should not fill ten screens.
  element.toggleAttribute("open", depth < 2);
  return { element, summary, body, children: new Map(), kind, text: "" };
}

/**
 * @param {Node_} node
 * @param {any} value
 * @param {number} depth
 */
function update(node, value, depth) {
  if (!node.body) {
    // A third written out is a line of threes: seven digits say all that anybody reads.
    const shown = typeof value === "number" ? Number(value.toPrecision(7)) : value;
    const text = JSON.stringify(shown) ?? "undefined";
    if (text === node.text) return;
    const first = node.text === "";
    node.text = text;
    node.summary.textContent = text;
    node.summary.dataset.type = value === null ? "null" : typeof value;
    if (!first) {
      node.summary.classList.remove("changed");
      // Read a measure, so that the animation starts again.
      void node.summary.offsetWidth;
      node.summary.classList.add("changed");
    }
    return;
  }
  const keys = Object.keys(value);
  setText(node.summary, node.kind === "list" ? (flat(value) ?? `[${keys.length}]`) : `{${keys.length}}`);
  // What is folded is not looked at.
  if (!node.element.hasAttribute("open")) return;
  const shown = keys.slice(0, MOST);
  const wanted = new Set(shown);
  for (const [key, child] of node.children) {
    if (wanted.has(key) && child.kind === kindOf(value[key])) continue;
    child.element.remove();
    node.children.delete(key);
  }
  for (const key of shown) {
    let child = node.children.get(key);
    if (!child) {
      child = build(key, value[key], depth + 1);
      node.children.set(key, child);
      node.body.append(child.element);
    }
    update(child, value[key], depth + 1);
  }
}

/**
 * A short list of plain values in one line, such as a row of a board.
 *
 * @param {any[]} list
 * @returns {string | null}
 */
function flat(list) {
  if (list.length > 24 || list.some((item) => item !== null && typeof item === "object")) return null;
  const text = JSON.stringify(list);
  return text.length <= 80 ? text : null;
}
