/** The form that opens a room: what is played in it, who may come in, how many. */
import { byId, show } from "../ui/dom.js";

export class CreateRoom {
  /** @param {() => boolean} plain whether the game has none of Arena's settings */
  constructor(plain) {
    this.plain = plain;
    for (const input of document.querySelectorAll("input[name=create-mode]"))
      input.addEventListener("change", () => fitMode());
    for (const input of document.querySelectorAll("input[name=create-private]"))
      input.addEventListener("change", () => show(byId("create-title-field"), checked("create-private") === "public"));
  }

  /**
   * What to ask of the server.
   *
   * @param {string} language of the room; "" for none
   * @returns {Record<string, any>}
   */
  options(language) {
    /** @type {Record<string, any>} */
    const options = { create: true, private: checked("create-private") === "private" };
    const seats = byId("create-seats", HTMLSelectElement).value;
    const bots = byId("create-bots", HTMLSelectElement).value;
    const title = byId("create-title", HTMLInputElement).value.trim();
    if (seats) options.max_players = Number(seats);
    if (bots) options.bots = Number(bots);
    if (title && !options.private) options.title = title;
    if (language) options.language = language;
    if (!this.plain()) options.settings = arenaSettings();
    return options;
  }
}

/** Each mode has its own way to win: by score, or by lives. */
function fitMode() {
  const mode = checked("create-mode");
  show(byId("create-score-field"), mode !== "elimination" && mode !== "coop");
  show(byId("create-lives-field"), mode === "elimination");
}

function arenaSettings() {
  /** @type {Record<string, any>} */
  const settings = {
    mode: checked("create-mode"),
    time_limit: Number(byId("create-time", HTMLSelectElement).value),
    score_limit: Number(byId("create-score", HTMLSelectElement).value),
    friendly_fire: byId("create-friendly", HTMLInputElement).checked,
  };
  if (settings.mode === "elimination") settings.lives = Number(byId("create-lives", HTMLSelectElement).value);
  const enemies = byId("create-enemies", HTMLSelectElement).value;
  if (enemies) settings.enemies = Number(enemies);
  return settings;
}

/** @param {string} name of a group of radio buttons @returns {string} */
export function checked(name) {
  const input = document.querySelector(`input[name="${name}"]:checked`);
  return input instanceof HTMLInputElement ? input.value : "";
}
