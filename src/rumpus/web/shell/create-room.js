/** The form that opens a room: how it is played, which the game's view asks for, who may come in, how many. */
import { byId, show } from "../ui/dom.js";

export class CreateRoom {
  /** @type {import("../views/view.js").CreateForm | null} */
  #form = null;

  constructor() {
    for (const input of document.querySelectorAll("input[name=create-private]"))
      input.addEventListener("change", () => show(byId("create-title-field"), !this.#private));
  }

  /** Ask for what this game has. @param {import("../views/view.js").View} view */
  adaptTo(view) {
    this.#form = view.settingsForm();
    for (const place of /** @type {const} */ (["above", "below", "beside"]))
      byId(`create-${place}`).replaceChildren(...(this.#form ? [this.#form[place]] : []));
  }

  /**
   * What to ask of the server.
   *
   * @param {string} language of the room; "" for none
   * @returns {Record<string, any>}
   */
  options(language) {
    /** @type {Record<string, any>} */
    const options = { create: true, private: this.#private };
    const seats = byId("create-seats", HTMLSelectElement).value;
    const bots = byId("create-bots", HTMLSelectElement).value;
    const title = byId("create-title", HTMLInputElement).value.trim();
    if (seats) options.max_players = Number(seats);
    if (bots) options.bots = Number(bots);
    if (title && !options.private) options.title = title;
    if (language) options.language = language;
    if (this.#form) options.settings = this.#form.read();
    return options;
  }

  get #private() {
    const chosen = document.querySelector("input[name=create-private]:checked");
    return chosen instanceof HTMLInputElement && chosen.value === "private";
  }
}
