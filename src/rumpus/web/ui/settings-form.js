/**
 * The fields of a room's settings. What the game says of them decides; for settings that many games have, a few good
 * values are offered instead of a bare number.
 */
import { choiceField, resolve, schemaField } from "./fields.js";
import { make } from "./dom.js";
import { isToldOf, settingName, settingText } from "./settings-text.js";

/** @type {Record<string, any[]>} */
const OFFERED = {
  time_limit: [60, 120, 180, 300, 600, 0],
  score_limit: [5, 10, 20, 40, 0],
  enemies: [null, 0, 4, 8, 16],
  lives: [1, 3, 5, 10],
};

/** So many choices stand side by side; more fold away. */
const SIDE_BY_SIDE = 4;

let groups = 0;

/**
 * @param {Record<string, any> | undefined} schema `joined.schema.settings`
 * @param {Record<string, any>} settings as they are
 * @returns {{element: HTMLElement, read: () => Record<string, any>}}
 */
export function settingsForm(schema, settings) {
  const element = make("div", { class: "settings-form" });
  /** @type {Map<string, () => any>} */
  const fields = new Map();
  for (const [name, property] of Object.entries(schema?.properties ?? {})) {
    if (!(name in settings) || !isToldOf(name, settings)) continue;
    const resolved = resolve(property, schema ?? {});
    const field = fieldOf(name, resolved, settings[name]);
    fields.set(name, field.read);
    element.append(field.element);
  }
  return { element, read: () => Object.fromEntries([...fields].map(([name, read]) => [name, read()])) };
}

/**
 * @param {string} name
 * @param {Record<string, any>} schema
 * @param {any} value
 * @returns {import("./fields.js").Field}
 */
function fieldOf(name, schema, value) {
  const say = (/** @type {any} */ choice) => settingText(name, choice);
  if (Array.isArray(schema.enum) && schema.enum.length <= SIDE_BY_SIDE && name === "mode")
    return segments(name, sorted(schema.enum), value, say);
  const offered = OFFERED[name]?.filter((choice) => choice === null || fits(choice, schema));
  if (!offered) return schemaField(name, schema, { label: settingName(name), value });
  const choices = offered.includes(value) ? offered : [value, ...offered];
  return choiceField(name, make("span", { text: settingName(name) }), choices, value, (choice) =>
    sentenceCase(say(choice)),
  );
}

/**
 * @param {string} name
 * @param {any[]} choices
 * @param {any} value
 * @param {(choice: any) => string} say
 * @returns {import("./fields.js").Field}
 */
function segments(name, choices, value, say) {
  const group = `setting-${name}-${(groups += 1)}`;
  const inputs = choices.map((choice, index) => {
    const input = /** @type {HTMLInputElement} */ (
      make("input", { type: "radio", name: group, value: String(index), "data-key": `${name} ${choice}` })
    );
    input.checked = choice === value;
    return input;
  });
  const element = make(
    "fieldset",
    { class: "modes" },
    make("legend", { text: settingName(name) }),
    ...inputs.map((input, index) => make("label", {}, input, make("span", { text: say(choices[index]) }))),
  );
  return { element, read: () => choices[inputs.findIndex((input) => input.checked)] ?? value };
}

/** Schemas list choices by the alphabet; people think of the usual one first. @param {any[]} modes */
function sorted(modes) {
  const usual = ["ffa", "teams", "elimination", "coop"];
  return [...modes].sort((a, b) => ((usual.indexOf(a) + 9) % 9) - ((usual.indexOf(b) + 9) % 9));
}

/** @param {number} value @param {Record<string, any>} schema */
function fits(value, { minimum = -Infinity, maximum = Infinity }) {
  return value >= minimum && value <= maximum;
}

/** @param {string} text */
function sentenceCase(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
