/** What may be chosen of Arena on the title page: the mode of quick play, and how a room that one opens is played. */
import { make, show } from "../../ui/dom.js";
import { recall, remember } from "../../ui/storage.js";
import { words } from "./words.js";

const MODES = ["ffa", "teams", "coop", "elimination"];

/** Values, and their texts. @typedef {[string, string][]} Choices */

/** @type {Choices} */
const TIMES = [["120", "2 minutes"], ["180", "3 minutes"], ["300", "5 minutes"], ["600", "10 minutes"]];
/** @type {Choices} */
const LIVES = [["1", "1"], ["3", "3"], ["5", "5"], ["10", "10"]];
/** @type {Choices} */
const SCORES = [["10", "10"], ["20", "20"], ["40", "40"], ["0", "No limit"]];
/** @type {Choices} */
const ENEMIES = [["", "Usual"], ["0", "None"], ["8", "Many"], ["16", "A horde"]];

/** @returns {import("../../ui/fields.js").Field} */
export function quickPlayForm() {
  const last = recall("mode");
  const mode = modes("quick-modes", "mode", ["", ...MODES], MODES.includes(last) ? last : "");
  return {
    element: mode.element,
    read: () => {
      // What was played last is offered first.
      remember("mode", mode.read());
      return mode.read() ? { mode: mode.read() } : {};
    },
  };
}

/** @returns {import("../view.js").CreateForm} */
export function createRoomForm() {
  const mode = modes("create-modes", "create-mode", MODES, "ffa");
  const time = select("time", "Time", TIMES, "180");
  const lives = select("lives", "Lives", LIVES, "5");
  const score = select("score", "Score to win", SCORES, "20");
  const enemies = select("enemies", "Enemies", ENEMIES, "");
  const friendly = /** @type {HTMLInputElement} */ (
    make("input", { type: "checkbox", id: "create-friendly", "data-testid": "create-friendly" })
  );
  const fit = () => {
    show(score.element, words.matters("score_limit", { mode: mode.read() }));
    show(lives.element, mode.read() === "elimination");
  };
  mode.element.addEventListener("change", fit);
  fit();
  return {
    above: mode.element,
    below: make("div", { class: "grid three" }, time.element, lives.element, score.element, enemies.element),
    beside: make("label", { class: "check" }, friendly, make("span", { text: "Friendly fire" })),
    read: () => ({
      mode: mode.read(),
      time_limit: Number(time.read()),
      score_limit: Number(score.read()),
      friendly_fire: friendly.checked,
      ...(mode.read() === "elimination" ? { lives: Number(lives.read()) } : {}),
      ...(enemies.read() === "" ? {} : { enemies: Number(enemies.read()) }),
    }),
  };
}

/**
 * @param {string} id
 * @param {string} name of the buttons
 * @param {string[]} values "" is for any mode
 * @param {string} chosen
 */
function modes(id, name, values, chosen) {
  const inputs = values.map((value) => {
    const input = /** @type {HTMLInputElement} */ (make("input", { type: "radio", name, value }));
    input.checked = value === chosen;
    return input;
  });
  const labels = inputs.map((input) =>
    make("label", {}, input, make("span", { text: input.value === "" ? "Any" : words.mode(input.value) })),
  );
  return {
    element: make("fieldset", { class: "modes", id }, make("legend", { text: "Mode" }), ...labels),
    read: () => inputs.find((input) => input.checked)?.value ?? "",
  };
}

/**
 * @param {string} name
 * @param {string} label
 * @param {Choices} choices
 * @param {string} chosen
 */
function select(name, label, choices, chosen) {
  const id = `create-${name}`;
  const options = choices.map(([value, text]) => make("option", { value, text }));
  const element = /** @type {HTMLSelectElement} */ (make("select", { id, "data-testid": id }, ...options));
  element.value = chosen;
  return {
    element: make("label", { class: "field" }, make("span", { text: label }), element),
    read: () => element.value,
  };
}
