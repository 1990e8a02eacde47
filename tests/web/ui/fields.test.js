/** Fields of a form out of a setting's schema: also where the operator has set what players may not choose. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { schemaField } from "../../../src/rumpus/web/ui/fields.js";
import { settingsForm } from "../../../src/rumpus/web/ui/settings-form.js";
import { Words } from "../../../src/rumpus/web/ui/words.js";

/** As much of an element as a form needs; a slider keeps within its ends, as a browser's does. */
class FakeElement {
  #value = "";
  textContent = "";
  checked = false;
  /** @type {any[]} */
  children = [];
  /** @type {Record<string, string>} */
  attributes = {};
  /** @type {Record<string, (() => void)[]>} */
  heard = {};

  setAttribute(/** @type {string} */ name, /** @type {string} */ value) {
    this.attributes[name] = value;
  }

  append(/** @type {any[]} */ ...children) {
    this.children.push(...children);
  }

  addEventListener(/** @type {string} */ name, /** @type {() => void} */ listener) {
    (this.heard[name] ??= []).push(listener);
  }

  get value() {
    return this.#value;
  }

  set value(value) {
    const { type, min, max } = this.attributes;
    this.#value = type === "range" ? String(Math.min(Math.max(Number(value), Number(min)), Number(max))) : value;
  }

  /** Somebody moves or types. */
  enter(/** @type {string} */ value) {
    this.value = value;
    for (const listener of this.heard.input ?? []) listener();
  }
}

/** @type {FakeElement[]} */
let made;

beforeEach(() => {
  made = [];
  const createElement = () => {
    made.push(new FakeElement());
    return made.at(-1);
  };
  Object.assign(globalThis, { document: { createElement } });
});

const control = () => /** @type {FakeElement} */ (made.find((element) => "name" in element.attributes));

test("a number of the operator's beyond what players may choose stays as long as nobody touches it", () => {
  for (const schema of [
    { type: "integer", minimum: 0, maximum: 40 },
    { type: "number", minimum: 60, maximum: 3600 },
  ]) {
    made = [];
    const field = schemaField("enemies", schema, { value: 10_000 });
    assert.equal(field.read(), 10_000);
    control().enter("70");
    assert.equal(field.read(), schema.maximum === 40 ? 40 : 70);
  }
});

test("a number within the range is read as it is shown", () => {
  const field = schemaField("enemies", { type: "integer", minimum: 0, maximum: 40 }, { value: 7 });
  assert.equal(field.read(), 7);
  control().enter("8");
  assert.equal(field.read(), 8);
});

test("among a few values the operator's own is offered too", () => {
  const schema = { enum: [5, 10, 30] };
  assert.equal(schemaField("minutes", schema, { value: 7 }).read(), 7);
  assert.equal(schemaField("minutes", schema, { value: 10 }).read(), 10);
  assert.equal(schemaField("minutes", schema).read(), 5);
});

test("usual values that players may not choose are not offered", () => {
  const words = new Words({ offered: { enemies: [null, 0, 4, 8, 16] } });
  const texts = () => made.filter((element) => "value" in element.attributes).map((element) => element.textContent);
  const offer = (/** @type {any} */ schema) => {
    made = [];
    settingsForm({ properties: { enemies: schema } }, { enemies: 4 }, words);
    return texts();
  };
  const optional = (/** @type {number} */ maximum) => ({
    anyOf: [{ type: "integer", minimum: 0, maximum }, { type: "null" }],
  });
  assert.equal(offer(optional(40)).length, 5);
  assert.equal(offer(optional(8)).length, 4);
  assert.equal(offer({ enum: [4, 8] }).length, 2);
});
