/** A form out of a JSON Schema: one field for each property of the game's input, with its limits and its default. */
import { make } from "../../ui/dom.js";
import { resolve, schemaField } from "../../ui/fields.js";

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
      const required = (input.required ?? []).includes(name);
      const { element, read } = schemaField(name, resolve(property, this.root), { required });
      this.#fields.set(name, read);
      this.element.append(element);
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
}
