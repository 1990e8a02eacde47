/**
 * The fields of a room's settings. What the game says of them decides; where a few good values are known, they are
 * offered instead of a bare number.
 */
import { capital, make } from "./dom.js";
import { choiceField, resolve, schemaField } from "./fields.js";

/** @typedef {import("./words.js").Words} Words */

/** So many choices stand side by side; more fold away. */
const SIDE_BY_SIDE = 4;

let groups = 0;

/**
 * @param {Record<string, any> | undefined} schema `joined.schema.settings`
 * @param {Record<string, any>} settings as they are
 * @param {Words} words
 * @returns {{element: HTMLElement, read: () => Record<string, any>}}
 */
export function settingsForm(schema, settings, words) {
  const element = make("div", { class: "settings-form" });
  /** @type {Map<string, () => any>} */
  const fields = new Map();
  for (const [name, property] of Object.entries(schema?.properties ?? {})) {
    if (!(name in settings) || !words.matters(name, settings)) continue;
    const resolved = resolve(property, schema ?? {});
    const field = fieldOf(name, resolved, settings[name], words);
    fields.set(name, field.read);
    element.append(field.element);
  }
  return { element, read: () => Object.fromEntries([...fields].map(([name, read]) => [name, read()])) };
}

/**
 * @param {string} name
 * @param {Record<string, any>} schema
 * @param {any} value
 * @param {Words} words
 * @returns {import("./fields.js").Field}
 */
function fieldOf(name, schema, value, words) {
  const say = (/** @type {any} */ choice) => words.value(name, choice);
  const label = words.setting(name);
  if (Array.isArray(schema.enum) && schema.enum.length <= SIDE_BY_SIDE && name === "mode")
    return segments(name, label, words.sorted(schema.enum), value, say);
  const offered = words.offered(name)?.filter((choice) => fits(choice, schema) || (choice === null && !schema.enum));
  if (!offered) return schemaField(name, schema, { label, value });
  const choices = offered.includes(value) ? offered : [value, ...offered];
  return choiceField(name, make("span", { text: label }), choices, value, (choice) => capital(say(choice)));
}

/**
 * @param {string} name
 * @param {string} label
 * @param {any[]} choices
 * @param {any} value
 * @param {(choice: any) => string} say
 * @returns {import("./fields.js").Field}
 */
function segments(name, label, choices, value, say) {
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
    make("legend", { text: label }),
    ...inputs.map((input, index) => make("label", {}, input, make("span", { text: say(choices[index]) }))),
  );
  return { element, read: () => choices[inputs.findIndex((input) => input.checked)] ?? value };
}

/** @param {number} value @param {Record<string, any>} schema */
function fits(value, { minimum = -Infinity, maximum = Infinity, enum: some }) {
  return value >= minimum && value <= maximum && (!some || some.includes(value));
}
