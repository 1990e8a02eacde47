/** The dialog in which others than the host put settings to the vote. */
import { byId } from "./dom.js";
import { settingsForm } from "./settings-form.js";

/** @typedef {import("../sdk/rumpus.js").Client} Client */

/**
 * @param {Client} client
 * @param {import("./words.js").Words} words of the room's game
 */
export function openSuggestion(client, words) {
  const { room } = client;
  if (!room) return;
  const dialog = byId("suggest", HTMLDialogElement);
  const { element, read } = settingsForm(room.schema?.settings, room.settings, words);
  byId("suggest-form").replaceChildren(element);
  byId("suggest-cancel").onclick = () => dialog.close();
  byId("suggest-call").onclick = () => {
    const changes = changed(read(), client.room?.settings ?? {});
    if (Object.keys(changes).length > 0) client.callVote("settings", { settings: changes });
    dialog.close();
  };
  dialog.showModal();
}

/**
 * What differs from the settings as they are.
 *
 * @param {Record<string, any>} wanted
 * @param {Record<string, any>} current
 */
export function changed(wanted, current) {
  return Object.fromEntries(Object.entries(wanted).filter(([name, value]) => value !== current[name]));
}
