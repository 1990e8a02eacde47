/**
 * The people of a room, a line each, with what there is to know of them and a menu of what one may do about them. The
 * waiting room, the menu of a running match and views that have no such screens all show this list.
 */
import { badge, button, icon, make } from "./dom.js";
import { openPlayerMenu } from "./player-menu.js";

/** @typedef {import("../sdk/rumpus.js").Client} Client */
/** @typedef {import("../sdk/types.js").Player} Player */

/**
 * @param {Client} client
 * @param {Player} player
 * @param {{colour: string, ready?: boolean, place?: string}} look `ready`: whether it is shown who is ready; `place`: of the
 *   list on the page, so that the focus stays in it
 * @returns {HTMLElement}
 */
export function playerLine(client, player, { colour, ready = false, place = "" }) {
  const you = player.player_id === client.playerId;
  const line = make("li", { class: "person", "data-player": player.player_id });
  line.classList.toggle("you", you);
  line.classList.toggle("away", player.away === true);
  line.style.color = colour;
  line.append(
    player.team ? make("i", { class: `mark ${player.team}` }) : make("i", { class: "dot" }),
    make("span", { class: "who", text: player.name }),
  );
  if (player.signed) line.append(badge("verified", "verified"));
  if (client.room?.host === player.player_id) line.append(badge("crown", "host"));
  if (client.muted.has(player.player_id)) line.append(badge("mute", "muted"));
  const notes = [];
  if (you) notes.push("you");
  if (player.bot) notes.push("bot");
  if (player.away) notes.push("reconnecting");
  if (player.out) notes.push("out");
  if (notes.length > 0) line.append(make("small", { text: notes.join(", ") }));
  line.append(make("span", { class: "grow" }));
  if (typeof player.rating === "number")
    line.append(make("span", { class: "rating", title: "Rating" }, String(Math.round(player.rating))));
  if (ready && !player.bot) {
    const tick = make("span", { class: player.ready ? "tick on" : "tick" });
    tick.append(player.ready ? icon("check") : "");
    tick.setAttribute("aria-label", player.ready ? "ready" : "not ready");
    tick.setAttribute("title", player.ready ? "Ready" : "Not ready yet");
    tick.setAttribute("role", "img");
    line.append(tick);
  }
  // A bot writes nothing, and its seat is a matter of the settings.
  if (!you && !client.spectating && !player.bot) {
    const more = button("", {
      class: "button more",
      icon: "more",
      "aria-label": `What to do about ${player.name}`,
      "aria-haspopup": "menu",
      "data-key": `${place}${player.player_id}`,
      "data-testid": `more-${player.player_id}`,
    });
    more.addEventListener("click", () => openPlayerMenu(client, player.player_id, more));
    line.append(more);
  }
  return line;
}

/**
 * The host first, then oneself, people, and bots.
 *
 * @param {Client} client
 * @returns {Player[]}
 */
export function inOrder(client) {
  const weight = (/** @type {Player} */ player) =>
    (player.player_id === client.room?.host ? 0 : 1) +
    (player.player_id === client.playerId ? 0 : 2) +
    (player.bot ? 8 : 0);
  return [...client.players.values()].sort((a, b) => weight(a) - weight(b));
}

/** How many people are ready, of how many. @param {Client} client */
export function readiness(client) {
  const people = [...client.players.values()].filter((player) => !player.bot && !player.away);
  return { ready: people.filter((player) => player.ready).length, people: people.length };
}
