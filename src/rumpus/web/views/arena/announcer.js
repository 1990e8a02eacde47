/** Words in the middle of the screen: large for the match, small for what you did. */
import { byId, make } from "../../ui/dom.js";

/** @typedef {"" | "good" | "bad" | "sun"} Tone */

export class Announcer {
  #box = byId("announcer");
  #notes = byId("notes");
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {string} text
   * @param {{detail?: string, tone?: Tone, seconds?: number}} [options]
   */
  announce(text, { detail = "", tone = "", seconds = 2.2 } = {}) {
    this.#box.replaceChildren(make("div", { class: `big ${tone}`, text }));
    if (detail) this.#box.append(make("small", { text: detail }));
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#box.replaceChildren(), seconds * 1000);
  }

  /** @param {(Node | string)[]} content */
  note(...content) {
    const note = make("div", { class: "note" }, ...content);
    this.#notes.append(note);
    while (this.#notes.children.length > 3) this.#notes.firstElementChild?.remove();
    setTimeout(() => note.classList.add("old"), 2200);
    setTimeout(() => note.remove(), 2600);
  }

  clear() {
    clearTimeout(this.#timer);
    this.#box.replaceChildren();
    this.#notes.replaceChildren();
  }
}
