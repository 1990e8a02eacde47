/** A form out of a JSON Schema: one field for each property of the game's input, with its limits and its default. */
import { make } from "../app/dom.js";

/** @typedef {Record<string, any>} Schema */

/** Sent this many times a second while "keep sending" is on. */
const STEADY = 30;

export class InputForm {
  element = make("form", { class: "g-form", "data-testid": "generic-form", autocomplete: "off" });
  /** @type {Map<string, () => any>} */
  #fields = new Map();
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;
  #sent = make("output", { class: "g-sent" });

  /**
   * @param {Schema | undefined} schema of the game's input
   * @param {(data: Record<string, any>) => void} send
   */
  constructor(schema, send) {
    this.root = schema ?? {};
    this.sendData = send;
    const input = resolve(this.root, this.root);
    for (const [name, property] of Object.entries(input.properties ?? {})) {
      this.element.append(this.#field(name, resolve(property, this.root), (input.required ?? []).includes(name)));
    }
    if (this.#fields.size === 0)
      this.element.append(make("p", { class: "g-none", text: "This game's input has no fields." }));
    const steady = /** @type {HTMLInputElement} */ (make("input", { type: "checkbox" }));
    steady.addEventListener("change", () => this.#keepSending(steady.checked));
    this.element.append(
      make(
        "div",
        { class: "row" },
        make("button", { class: "button primary", text: "Send", "data-testid": "generic-send" }),
        make("label", { class: "check" }, steady, make("span", { text: "Keep sending" })),
      ),
      this.#sent,
    );
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
  }

  /** @param {boolean} on */
  #keepSending(on) {
    clearInterval(this.#timer);
    if (!on) return;
    this.#timer = setInterval(() => {
      // The form was taken off the page with its room.
      if (!this.element.isConnected) clearInterval(this.#timer);
      else if (document.visibilityState === "visible") this.#submit();
    }, 1000 / STEADY);
  }

  #submit() {
    /** @type {Record<string, any>} */
    const data = {};
    for (const [name, read] of this.#fields) {
      const value = read();
      if (value !== undefined) data[name] = value;
    }
    this.sendData(data);
    this.#sent.textContent = JSON.stringify(data);
  }

  /**
   * @param {string} name
   * @param {Schema} schema
   * @param {boolean} required
   */
  #field(name, schema, required) {
    const label = make("span", { text: name.replaceAll("_", " ") });
    if (schema.description) label.append(make("small", { text: ` ${schema.description}` }));
    if (schema.type === "boolean") {
      const box = /** @type {HTMLInputElement} */ (make("input", { type: "checkbox", name }));
      box.checked = Boolean(schema.default);
      this.#fields.set(name, () => box.checked);
      return make("label", { class: "check" }, box, label);
    }
    if (Array.isArray(schema.enum)) {
      const choices = schema.enum;
      const select = /** @type {HTMLSelectElement} */ (
        make(
          "select",
          { name },
          ...choices.map((value, index) => make("option", { value: String(index), text: String(value) })),
        )
      );
      select.value = String(Math.max(0, choices.indexOf(schema.default)));
      this.#fields.set(name, () => choices[Number(select.value)]);
      return make("label", { class: "field" }, label, select);
    }
    if (schema.type === "number" || schema.type === "integer") return this.#number(name, schema, label, required);
    const input = /** @type {HTMLInputElement} */ (make("input", { type: "text", name }));
    if (schema.default !== undefined)
      input.value = typeof schema.default === "string" ? schema.default : JSON.stringify(schema.default);
    this.#fields.set(name, () => (schema.type === "string" ? input.value : parse(input.value, required)));
    return make("label", { class: "field" }, label, input);
  }

  /**
   * @param {string} name
   * @param {Schema} schema
   * @param {HTMLElement} label
   * @param {boolean} required
   */
  #number(name, schema, label, required) {
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
    input.value = String(schema.default ?? (bounded ? minimum : 0));
    this.#fields.set(name, () => (input.value === "" && !required ? undefined : Number(input.value)));
    if (!bounded) return make("label", { class: "field" }, label, input);
    const shown = make("output", { text: input.value });
    input.addEventListener("input", () => (shown.textContent = input.value));
    label.append(shown);
    return make("label", { class: "field" }, label, input);
  }
}

/**
 * Follow a schema's references and unwrap "this or nothing".
 *
 * @param {Schema} schema
 * @param {Schema} root
 * @returns {Schema}
 */
function resolve(schema, root) {
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
