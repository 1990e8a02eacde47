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

/**
 * An icon that says nothing to those who cannot see it: the text beside it does.
 *
 * @param {string} name of a file in /icons
 */
export function icon(name) {
  return make("img", { src: `/icons/${name}.svg`, alt: "", class: "icon" });
}

/**
 * A small icon that stands for a fact, which is read out.
 *
 * @param {string} picture a file in /icons
 * @param {string} meaning
 */
export function badge(picture, meaning) {
  const image = icon(picture);
  image.setAttribute("alt", meaning);
  image.setAttribute("title", meaning);
  image.classList.add("badge");
  return image;
}

/**
 * @param {string} text
 * @param {{class?: string, icon?: string, [attribute: string]: string | undefined}} [attributes]
 * @param {() => void} [act]
 * @returns {HTMLButtonElement}
 */
export function button(text, { icon: picture, ...attributes } = {}, act) {
  const parts = picture ? [icon(picture), make("span", { text })] : [text];
  const element = make("button", { type: "button", class: "button", ...attributes }, ...parts);
  if (act) element.addEventListener("click", act);
  return /** @type {HTMLButtonElement} */ (element);
}

/**
 * Put new children into an element and leave the focus where it was: on the child with the same `data-key`.
 *
 * @param {HTMLElement} element
 * @param {Node[]} children
 */
export function refill(element, children) {
  const focused = document.activeElement instanceof HTMLElement && element.contains(document.activeElement);
  const key = focused ? /** @type {HTMLElement} */ (document.activeElement).dataset.key : undefined;
  element.replaceChildren(...children);
  if (!key) return;
  const again = element.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (again instanceof HTMLElement) again.focus();
}

/** @param {string} text */
export function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
