/**
 * The title screen: a name, and a way into a room. It only collects what the player wants; main.js does the joining.
 */
import { listRooms, roomCode } from "../sdk/rumpus.js";
import { byId, make, MODE_NAMES, show } from "./dom.js";
import { inventName } from "./names.js";
import { recall, remember } from "./storage.js";

/** @typedef {import("../sdk/types.js").JoinRequest} JoinRequest */

const ROOMS_EVERY = 3000;

export class TitleScreen {
  #name = byId("name", HTMLInputElement);
  #code = byId("code", HTMLInputElement);
  #suggestion = inventName();
  #invited = "";
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;

  /** @param {(request: JoinRequest) => void} join */
  constructor(join) {
    this.join = join;
    this.#name.value = recall("name");
    this.#name.placeholder = this.#suggestion;
    byId("play-form").addEventListener("submit", (event) => {
      event.preventDefault();
      // Enter does what the focus is about.
      if (document.activeElement === this.#code) this.#joinByCode();
      else if (this.#invited) this.#ask({ room: this.#invited });
      else this.#quickPlay();
    });
    byId("join-invited").addEventListener("click", () => this.#ask({ room: this.#invited }));
    byId("decline").addEventListener("click", () => this.invite(""));
    byId("create").addEventListener("click", () => this.#create());
    byId("join-code").addEventListener("click", () => this.#joinByCode());
    byId("open-create").addEventListener("click", () => this.#toggle("create"));
    byId("open-join").addEventListener("click", () => this.#toggle("join"));
    const mode = recall("mode");
    for (const input of document.querySelectorAll("input[name=mode]")) {
      if (input instanceof HTMLInputElement && input.value === mode) input.checked = true;
    }
  }

  /** Offer a room from a link; "" offers the usual choices. @param {string} room */
  invite(room) {
    this.#invited = room;
    byId("invite-code").textContent = room;
    show(byId("invited"), room !== "");
    show(byId("play-choices"), room === "");
    if (room) this.#close();
    else if (location.search) history.replaceState(null, "", "/");
  }

  open() {
    show(byId("screen-title"), true);
    this.busy(false);
    clearInterval(this.#timer);
    this.#timer = setInterval(() => void this.#refreshRooms(), ROOMS_EVERY);
    void this.#refreshRooms();
    // On a phone the focus would open the keyboard over everything.
    if (!this.#name.value && matchMedia("(pointer: fine)").matches) this.#name.focus();
  }

  close() {
    clearInterval(this.#timer);
    show(byId("screen-title"), false);
  }

  /** While a request is on its way. @param {boolean} busy */
  busy(busy) {
    for (const button of byId("play-form").querySelectorAll("button")) button.disabled = busy;
    byId("quick-play").textContent = busy ? "Joining…" : "Play now";
    if (busy) this.problem("");
  }

  /** @param {string} text */
  problem(text) {
    const box = byId("problem");
    box.textContent = text;
    show(box, text !== "");
  }

  /** @param {Omit<JoinRequest, "name">} request */
  #ask(request) {
    const name = this.#name.value.trim();
    remember("name", name);
    this.join({ name: name || this.#suggestion, ...request });
  }

  #quickPlay() {
    const mode = byId("play-form").hasAttribute("data-plain") ? "" : checked("mode");
    remember("mode", mode);
    this.#ask(mode ? { options: { settings: { mode } } } : {});
  }

  #create() {
    if (byId("play-form").hasAttribute("data-plain")) return this.#ask({ options: { create: true, private: true } });
    /** @type {Record<string, any>} */
    const settings = {
      mode: checked("create-mode"),
      time_limit: Number(byId("create-time", HTMLSelectElement).value),
      score_limit: Number(byId("create-score", HTMLSelectElement).value),
      friendly_fire: byId("create-friendly", HTMLInputElement).checked,
    };
    const enemies = byId("create-enemies", HTMLSelectElement).value;
    if (enemies) settings.enemies = Number(enemies);
    this.#ask({ options: { create: true, private: true, settings } });
  }

  #joinByCode() {
    const room = roomCode(this.#code.value);
    if (room) return this.#ask({ room });
    this.problem("Type the code of a room, or paste its link.");
    this.#code.focus();
  }

  /** @param {"create" | "join"} which */
  #toggle(which) {
    const opening = byId(`${which}-panel`).hidden;
    this.#close();
    if (!opening) return;
    show(byId(`${which}-panel`), true);
    byId(`open-${which}`).setAttribute("aria-expanded", "true");
    byId("play-form").dataset.panel = which;
    byId(`${which}-panel`).querySelector("input")?.focus();
    byId(`${which}-panel`).scrollIntoView({ block: "nearest" });
  }

  #close() {
    delete byId("play-form").dataset.panel;
    for (const which of ["create", "join"]) {
      show(byId(`${which}-panel`), false);
      byId(`open-${which}`).setAttribute("aria-expanded", "false");
    }
  }

  async #refreshRooms() {
    if (document.visibilityState === "hidden") return;
    /** @type {import("../sdk/types.js").PublicRoom[]} */
    let rooms = [];
    try {
      const lobby = await listRooms();
      rooms = lobby.rooms;
      if (lobby.game) this.#adaptTo(lobby.game);
    } catch {
      // No list is no disaster: everything else still works, or says why not.
    }
    const list = byId("rooms-list");
    const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset.room : undefined;
    list.replaceChildren(...rooms.slice(0, 20).map((room) => this.#roomLine(room)));
    if (focused)
      list
        .querySelector(`[data-room="${CSS.escape(focused)}"]`)
        ?.querySelector("button")
        ?.focus();
    show(byId("rooms"), rooms.length > 0);
  }

  /** Another game has neither Arena's modes nor its settings. @param {string} game */
  #adaptTo(game) {
    const arena = game === "arena";
    byId("play-form").toggleAttribute("data-plain", !arena);
    byId("tagline").replaceChildren(make("i"), game, make("i"));
    show(byId("title-keys"), arena);
    document.title = `Rumpus ${game.charAt(0).toUpperCase()}${game.slice(1)}`;
  }

  /** @param {import("../sdk/types.js").PublicRoom} room */
  #roomLine(room) {
    const waiting = room.status !== "in-progress";
    // An older server does not say whether there is a free seat: try and see.
    const closed = room.open === false;
    const button = make(
      "button",
      { type: "button", "data-room": room.room_id },
      make("span", { class: "code", text: room.room_id }),
      make("span", { class: "what", text: MODE_NAMES[room.settings?.mode] ?? room.game }),
      make("span", { class: "count", text: `${room.players}/${room.max_players}` }),
      make("span", {
        class: closed ? "state closed" : waiting ? "state waiting" : "state",
        text: closed ? "closed" : waiting ? "waiting" : "playing",
      }),
    );
    button.toggleAttribute("disabled", closed);
    button.addEventListener("click", () => this.#ask({ room: room.room_id }));
    return make("li", {}, button);
  }
}

/** @param {string} name of a group of radio buttons */
function checked(name) {
  const input = document.querySelector(`input[name="${name}"]:checked`);
  return input instanceof HTMLInputElement ? input.value : "";
}
