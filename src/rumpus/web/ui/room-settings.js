/**
 * How a room is played: read by everybody, changed by its host, and by all others by a vote. The fields come from the
 * game's own description of what players may choose (`schema.settings`), so this works for any game.
 */
import { button, icon, make, refill } from "./dom.js";
import { settingsForm } from "./settings-form.js";
import { changed, openSuggestion } from "./suggest.js";

/** @typedef {import("../sdk/rumpus.js").Client} Client */

/** While the host drags a slider not each of its places is worth a message. */
const SEND_AFTER = 350;

export class RoomSettings {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #drawn = "";

  /**
   * @param {Client} client
   * @param {HTMLElement} box
   * @param {() => import("./words.js").Words} words of the room's game
   */
  constructor(client, box, words) {
    this.client = client;
    this.box = box;
    this.words = words;
  }

  draw() {
    const { room, isHost, spectating } = this.client;
    if (!room) return;
    const waiting = room.status === "waiting";
    const open = isHost && waiting;
    const key = JSON.stringify([
      room.room_id,
      room.settings,
      open,
      isHost,
      room.private,
      room.locked,
      room.bots,
      room.max_players,
      this.client.players.size,
      spectating,
    ]);
    if (key === this.#drawn && this.box.childElementCount > 0) return;
    // What is being changed right now is not torn from the hand; the server's answer is the same in the end.
    if (this.box.contains(document.activeElement) && this.box.querySelector(":active")) return;
    this.#drawn = key;
    refill(this.box, [
      make("h3", { text: open ? "You decide how it is played" : "How it is played" }),
      ...(open ? this.#form() : this.#facts()),
    ]);
  }

  /** For everybody but the host, or while a match runs. */
  #facts() {
    const room = /** @type {import("../sdk/types.js").Joined} */ (this.client.room);
    const { settings } = room;
    const words = this.words();
    const known = Object.keys(room.schema?.settings?.properties ?? {});
    const shown = known.filter((name) => name in settings && words.matters(name, settings));
    const facts = make(
      "dl",
      { class: "facts" },
      ...shown.flatMap((name) => [
        make("dt", { text: words.setting(name) }),
        make("dd", { text: words.value(name, settings[name]) }),
      ]),
      make("dt", { text: "Seats" }),
      make("dd", { text: room.bots ? `${room.max_players}, bots fill ${room.bots}` : String(room.max_players) }),
      make("dt", { text: "Open to" }),
      make("dd", { text: room.locked ? "nobody else" : room.private ? "those with the link" : "everybody" }),
    );
    const parts = [facts];
    if (this.client.isHost) parts.push(this.#door());
    else if (!this.client.spectating && known.length > 0)
      parts.push(
        button(
          "Vote for other settings",
          { class: "button small", "data-key": "suggest", "data-testid": "suggest-open" },
          () => openSuggestion(this.client, words),
        ),
      );
    return parts;
  }

  #form() {
    const { client } = this;
    const room = /** @type {import("../sdk/types.js").Joined} */ (client.room);
    const { element, read } = settingsForm(room.schema?.settings, room.settings, this.words());
    const send = () => {
      const changes = changed(read(), room.settings);
      if (Object.keys(changes).length > 0) client.setRoom({ settings: changes });
    };
    element.addEventListener("change", () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(send, SEND_AFTER);
    });
    const people = [...client.players.values()].filter((player) => !player.bot).length;
    return [
      element,
      make(
        "div",
        { class: "steppers" },
        stepper("Seats", room.max_players, Math.max(1, people), 64, "seats", (max_players) =>
          client.setRoom({ max_players }),
        ),
        stepper("Bots", room.bots ?? 0, 0, room.max_players, "bots", (bots) => client.setRoom({ bots })),
      ),
      this.#door(),
    ];
  }

  /** Who may come in: the host may change it at any time. */
  #door() {
    const room = /** @type {import("../sdk/types.js").Joined} */ (this.client.room);
    return make(
      "div",
      { class: "door" },
      toggle("Public", !room.private, "public", (on) => this.client.setRoom({ private: !on })),
      toggle("Locked", room.locked === true, "locked", (on) => this.client.setRoom({ locked: on })),
    );
  }
}

/**
 * @param {string} label
 * @param {number} value
 * @param {number} least
 * @param {number} most
 * @param {string} key
 * @param {(value: number) => void} set
 */
function stepper(label, value, least, most, key, set) {
  const fewer = button(
    "−",
    {
      class: "button step",
      "aria-label": `${label}: one less`,
      "data-key": `${key} less`,
      "data-testid": `${key}-less`,
    },
    () => set(value - 1),
  );
  const more = button(
    "+",
    {
      class: "button step",
      "aria-label": `${label}: one more`,
      "data-key": `${key} more`,
      "data-testid": `${key}-more`,
    },
    () => set(value + 1),
  );
  fewer.disabled = value <= least;
  more.disabled = value >= most;
  return make(
    "div",
    { class: "stepper", role: "group", "aria-label": label },
    make("span", { text: label }),
    fewer,
    make("output", { text: String(value) }),
    more,
  );
}

/**
 * @param {string} label
 * @param {boolean} on
 * @param {string} key
 * @param {(on: boolean) => void} set
 */
function toggle(label, on, key, set) {
  const box = /** @type {HTMLInputElement} */ (
    make("input", { type: "checkbox", "data-key": key, "data-testid": `room-${key}` })
  );
  box.checked = on;
  box.addEventListener("change", () => set(box.checked));
  return make(
    "label",
    { class: "check" },
    box,
    make("span", { text: label }),
    ...(key === "locked" ? [icon("lock")] : []),
  );
}
