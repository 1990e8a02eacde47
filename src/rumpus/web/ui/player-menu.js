/** What one may do about another person in the room: mute, call a vote, and as the host make host, kick, ban. */
import { button, make } from "./dom.js";
import { toast } from "./toasts.js";

/** @typedef {import("../sdk/rumpus.js").Client} Client */

/** A vote about a seat needs so many people. */
const VOTERS = 3;

/**
 * Opens beside the button that asked for it; the browser closes it (Escape, a click elsewhere).
 *
 * @param {Client} client
 * @param {string} id of the player
 * @param {HTMLElement} opener
 */
export function openPlayerMenu(client, id, opener) {
  const player = client.players.get(id);
  if (!player) return;
  const items = choices(client, player);
  const menu = make(
    "div",
    { class: "popup", role: "menu", "aria-label": player.name, popover: "auto", "data-testid": "player-menu" },
    ...items,
  );
  // In the same place of the document: what lies outside of an open dialog cannot be reached.
  (opener.closest("dialog") ?? document.body).append(menu);
  menu.addEventListener("toggle", (event) => {
    if (/** @type {ToggleEvent} */ (event).newState !== "closed") return;
    menu.remove();
    opener.setAttribute("aria-expanded", "false");
    if (opener.isConnected) opener.focus();
  });
  menu.addEventListener("click", () => menu.hidePopover());
  menu.addEventListener("keydown", (event) => {
    // What is pressed here is not for the page, where Escape opens and closes other things.
    event.stopPropagation();
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const at = items.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
    items[(at + step + items.length) % items.length].focus();
  });
  opener.setAttribute("aria-expanded", "true");
  menu.showPopover();
  place(menu, opener);
  items[0].focus();
}

/**
 * @param {Client} client
 * @param {import("../sdk/types.js").Player} player
 */
function choices(client, player) {
  const { player_id: id, name, away } = player;
  const muted = client.muted.has(id);
  const items = [
    item(muted ? "Show what they write" : "Mute chat", "mute", () => {
      client.mute(id, !muted);
      toast(muted ? `You see again what ${name} writes.` : `You no longer see what ${name} writes.`);
    }),
  ];
  if (client.isHost) {
    if (!away) items.push(item("Make host", "pass-host", () => client.passHost(id)));
    items.push(item("Remove", "kick", () => client.kick(id), "danger"));
    items.push(item("Remove for good", "ban", () => client.kick(id, { ban: true }), "danger"));
    return items;
  }
  const people = [...client.players.values()].filter((other) => !other.bot && !other.away);
  if (people.length >= VOTERS)
    items.push(item("Vote to remove", "vote-kick", () => client.callVote("kick", { player_id: id })));
  return items;
}

/**
 * @param {string} text
 * @param {string} testid
 * @param {() => void} act
 * @param {string} [kind]
 */
function item(text, testid, act, kind = "") {
  return button(text, { class: `button popup-item ${kind}`, role: "menuitem", "data-testid": testid }, act);
}

/**
 * @param {HTMLElement} menu
 * @param {HTMLElement} opener
 */
function place(menu, opener) {
  const from = opener.getBoundingClientRect();
  const { width, height } = menu.getBoundingClientRect();
  const below = from.bottom + 6;
  menu.style.left = `${Math.max(8, Math.min(innerWidth - width - 8, from.right - width))}px`;
  menu.style.top = `${below + height < innerHeight - 8 ? below : Math.max(8, from.top - height - 6)}px`;
}
