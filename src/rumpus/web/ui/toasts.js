/** Short messages that come and go by themselves. */
import { byId, make } from "./dom.js";

/**
 * @param {string} text
 * @param {"info" | "bad"} [kind]
 */
export function toast(text, kind = "info") {
  const box = byId("toasts");
  // The same thing twice is no news.
  for (const old of box.children) if (old.textContent === text) old.remove();
  const element = make("div", { class: `toast ${kind === "bad" ? "bad" : ""}`, text });
  box.append(element);
  while (box.children.length > 3) box.firstElementChild?.remove();
  setTimeout(() => element.remove(), 4200);
}
