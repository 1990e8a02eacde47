/**
 * The few things about the document that every module needs. Text always goes in as text, never as HTML: names and chat
 * come from strangers.
 */

/**
 * The element with this id, which index.html is known to have.
 *
 * @template {HTMLElement} [T=HTMLElement]
 * @param {string} id
 * @param {new () => T} [type]
 * @returns {T}
 */
export function byId(id, type) {
  const element = document.getElementById(id);
  if (!element || (type && !(element instanceof type))) throw new Error(`index.html lacks #${id}`);
  return /** @type {T} */ (element);
}

/**
 * @param {string} tag
 * @param {{class?: string, text?: string, style?: string, [attribute: string]: string | undefined}} [attributes]
 * @param {(Node | string)[]} children
 * @returns {HTMLElement}
 */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined) continue;
    if (name === "text") element.textContent = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/**
 * Set an element's text only when it differs: layout is not free, and the HUD is brought up to date in every frame.
 *
 * @param {HTMLElement} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * @param {HTMLElement} element
 * @param {boolean} shown
 */
export function show(element, shown) {
  if (element.hidden === shown) element.hidden = !shown;
}

/**
 * @param {number} seconds
 * @returns {string} "2:05"
 */
export function clockText(seconds) {
  const whole = Math.max(0, Math.ceil(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** @type {Record<string, string>} */
export const MODE_NAMES = { ffa: "Free for all", teams: "Teams", coop: "Co-op", elimination: "Elimination" };
