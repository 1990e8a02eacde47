/** One field of a form out of a property's JSON Schema: the control that suits it, and how to read its value. */
import { make } from "./dom.js";

/** @typedef {Record<string, any>} Schema */
/** @typedef {{element: HTMLElement, read: () => any}} Field */

/**
 * @param {string} name
 * @param {Schema} schema resolved
 * @param {{label?: string, value?: any, required?: boolean}} [how] `value`: to begin with, instead of the schema's default
 * @returns {Field}
 */
export function schemaField(name, schema, { label: text, value = schema.default, required = false } = {}) {
  const label = make("span", { text: text ?? name.replaceAll("_", " ") });
  if (schema.description) label.append(make("small", { text: ` ${schema.description}` }));
  if (schema.type === "boolean") {
    const box = /** @type {HTMLInputElement} */ (make("input", { type: "checkbox", name }));
    box.checked = Boolean(value);
    return { element: make("label", { class: "check" }, box, label), read: () => box.checked };
  }
  if (Array.isArray(schema.enum)) {
    // What it is now may be nobody's choice but the operator's.
    const known = value === undefined || schema.enum.includes(value);
    return choiceField(name, label, known ? schema.enum : [value, ...schema.enum], value);
  }
  if (schema.type === "number" || schema.type === "integer") return numberField(name, schema, label, value, required);
  const input = /** @type {HTMLInputElement} */ (make("input", { type: "text", name }));
  if (value !== undefined) input.value = typeof value === "string" ? value : JSON.stringify(value);
  return {
    element: make("label", { class: "field" }, label, input),
    read: () => (schema.type === "string" ? input.value : parse(input.value, required)),
  };
}

/**
 * One of a few values.
 *
 * @param {string} name
 * @param {HTMLElement} label
 * @param {readonly any[]} choices
 * @param {any} value
 * @param {(value: any) => string} [say]
 * @returns {Field}
 */
export function choiceField(name, label, choices, value, say = String) {
  const select = /** @type {HTMLSelectElement} */ (
    make(
      "select",
      { name, "data-key": name },
      ...choices.map((choice, index) => make("option", { value: String(index), text: say(choice) })),
    )
  );
  select.value = String(Math.max(0, choices.indexOf(value)));
  return { element: make("label", { class: "field" }, label, select), read: () => choices[Number(select.value)] };
}

/**
 * @param {string} name
 * @param {Schema} schema
 * @param {HTMLElement} label
 * @param {any} value
 * @param {boolean} required
 * @returns {Field}
 */
function numberField(name, schema, label, value, required) {
  const { minimum, maximum } = schema;
  // A slider where both ends are known and near enough to be hit with a mouse.
  const bounded = minimum !== undefined && maximum !== undefined && maximum - minimum <= 1000;
  const step = schema.type === "integer" ? "1" : bounded ? String((maximum - minimum) / 100) : "any";
  const input = /** @type {HTMLInputElement} */ (
    make("input", {
      type: bounded ? "range" : "number",
      name,
      step,
      min: minimum === undefined ? undefined : String(minimum),
      max: maximum === undefined ? undefined : String(maximum),
    })
  );
  input.value = String(value ?? (bounded ? minimum : 0));
  // A control cannot show what only the operator may set. As long as nobody touches it, it stays.
  let kept = value < minimum || value > maximum;
  input.addEventListener("input", () => (kept = false));
  const read = () => (kept ? value : input.value === "" && !required ? undefined : Number(input.value));
  if (!bounded) return { element: make("label", { class: "field" }, label, input), read };
  const shown = make("output", { text: kept ? String(value) : input.value });
  input.addEventListener("input", () => (shown.textContent = input.value));
  label.append(shown);
  return { element: make("label", { class: "field" }, label, input), read };
}

/**
 * Follow a schema's references and unwrap "this or nothing".
 *
 * @param {Schema} schema
 * @param {Schema} root
 * @returns {Schema}
 */
export function resolve(schema, root) {
  let found = schema;
  for (let step = 0; step < 8; step += 1) {
    if (typeof found.$ref === "string") {
      const path = found.$ref.replace(/^#\//, "").split("/");
      const target = path.reduce((/** @type {any} */ part, key) => part?.[key], root);
      if (!target) return {};
      found = { ...target, ...without(found, "$ref") };
    } else if (Array.isArray(found.anyOf)) {
      const choice = found.anyOf.find((/** @type {Schema} */ option) => option.type !== "null") ?? {};
      found = { ...choice, ...without(found, "anyOf") };
    } else return found;
  }
  return found;
}

/**
 * @param {Schema} schema
 * @param {string} key
 */
function without(schema, key) {
  const { [key]: _, ...rest } = schema;
  return rest;
}

/**
 * @param {string} text JSON, or else plain text
 * @param {boolean} required
 */
function parse(text, required) {
  if (text === "") return required ? "" : undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
