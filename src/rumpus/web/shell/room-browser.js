/**
 * The public rooms, live: a short list beside the title, and a page of all with filters. Both read the list that the SDK
 * keeps current over the WebSocket. A server that cannot tell it live is asked over HTTP every few seconds instead.
 */
import { listRooms } from "../sdk/rumpus.js";
import { byId, button, icon, make, refill, setText, show } from "../ui/dom.js";
import { languageName } from "./languages.js";

/** @typedef {import("../sdk/types.js").PublicRoom} PublicRoom */

const SHORT = 3;
/** More lines than this nobody reads; the filters find the others. */
const LONG = 100;
const ASK_EVERY = 3000;

export class RoomBrowser {
  #mode = byId("browser-mode", HTMLSelectElement);
  #open = byId("browser-open", HTMLInputElement);
  /** What is played here, once that is known. @type {string | undefined} */
  #game;
  /** @type {PublicRoom[]} */
  #rooms = [];
  #shown = false;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;

  /**
   * @param {import("../sdk/rumpus.js").Client} client
   * @param {{
   *   join: (room: string) => void, watch: (room: string) => void, play: () => void, game: (game: string) => void,
   *   words: (game?: string) => import("../ui/words.js").Words,
   * }} actions `game`: it is known now what is played here
   */
  constructor(client, actions) {
    this.client = client;
    this.actions = actions;
    this.#mode.addEventListener("change", () => this.#draw());
    this.#open.addEventListener("change", () => this.#draw());
    client.on("rooms", (list) => this.#take([...list.all]));
  }

  /** Follow the rooms, for as long as the title is shown. */
  start() {
    if (this.#shown) return;
    this.#shown = true;
    // Which game is played here is known even where no room is open.
    void this.#askOnce().then(() => this.#follow());
  }

  stop() {
    this.#shown = false;
    clearInterval(this.#timer);
    this.client.unwatchRooms();
  }

  async #follow() {
    if (!this.#shown) return;
    clearInterval(this.#timer);
    try {
      await this.client.watchRooms();
      return;
    } catch {
      // The connection has failed, or the server knows no such message.
    }
    if (this.#shown) this.#timer = setInterval(() => void this.#askOnce(), ASK_EVERY);
  }

  async #askOnce() {
    if (document.visibilityState === "hidden") return;
    try {
      const { game, rooms } = await listRooms();
      if (game) this.actions.game((this.#game = game));
      if (!this.client.rooms) this.#take(rooms);
    } catch {
      // No list is no disaster: everything else still works, or says why not.
    }
  }

  /** @param {PublicRoom[]} rooms */
  #take(rooms) {
    // An empty room is kept for a while for those who come back; to others it is nothing to see.
    this.#rooms = rooms
      .filter((room) => room.players > 0)
      .sort((a, b) => Number(isClosed(a)) - Number(isClosed(b)) || b.players - a.players);
    this.#draw();
  }

  #draw() {
    const rooms = this.#rooms;
    setText(byId("rooms-count"), String(rooms.length));
    show(byId("rooms-count"), rooms.length > 0);
    refill(
      byId("rooms-list"),
      rooms.length > 0
        ? rooms.slice(0, SHORT).map((room) => this.#shortLine(room))
        : [
            make("li", {
              class: "none",
              text: "Nobody is playing right now. Play now opens a room, and others find it here.",
            }),
          ],
    );
    show(byId("rooms-all"), rooms.length > SHORT);
    this.#drawPage();
  }

  #drawPage() {
    const modes = [
      ...new Set(this.#rooms.map((room) => room.settings?.mode).filter((mode) => typeof mode === "string")),
    ];
    const chosen = this.#mode.value;
    if (chosen && !modes.includes(chosen)) modes.push(chosen);
    const key = modes.join();
    if (this.#mode.dataset.modes !== key) {
      this.#mode.dataset.modes = key;
      const words = this.actions.words(this.#game);
      this.#mode.replaceChildren(
        make("option", { value: "", text: "All" }),
        ...modes.map((mode) => make("option", { value: mode, text: words.mode(mode) })),
      );
      this.#mode.value = chosen;
    }
    show(byId("browser-mode-field"), modes.length > 0);
    const found = this.#rooms.filter(
      (room) => (!chosen || room.settings?.mode === chosen) && (!this.#open.checked || !isClosed(room)),
    );
    const people = this.#rooms.reduce((sum, room) => sum + room.players, 0);
    const rooms = this.#rooms.length === 1 ? "1 public room" : `${this.#rooms.length} public rooms`;
    setText(byId("browser-count"), `${rooms}, ${people === 1 ? "1 player" : `${people} players`}`);
    refill(
      byId("browser-list"),
      found.slice(0, LONG).map((room) => this.#longLine(room)),
    );
    show(byId("browser-list"), found.length > 0);
    const empty = byId("browser-empty");
    show(empty, found.length === 0);
    const none = this.#rooms.length === 0;
    const key2 = none ? "none" : "filtered";
    if (empty.dataset.kind === key2) return;
    empty.dataset.kind = key2;
    empty.replaceChildren(
      icon("people"),
      make("h3", { text: none ? "Nobody is playing right now" : "No room is like that" }),
      make("p", {
        text: none
          ? "Be the first: quick play opens a room that others see here."
          : "Other filters find more, or open a room of your own.",
      }),
      none
        ? button("Play now", { class: "button primary" }, () => this.actions.play())
        : button("Show all rooms", {}, () => {
            this.#mode.value = "";
            this.#open.checked = false;
            this.#draw();
          }),
    );
  }

  /** @param {PublicRoom} room */
  #played({ game, settings }) {
    return this.actions.words(game).played(settings, game);
  }

  /** @param {PublicRoom} room */
  #shortLine(room) {
    const closed = isClosed(room);
    const line = make(
      "button",
      { type: "button", "data-room": room.room_id, "data-key": room.room_id, "data-closed": closed ? "" : undefined },
      make("span", { class: "code", text: room.room_id }),
      make("span", { class: "what", text: room.title || this.#played(room) }),
      make("span", { class: "count", text: `${room.players}/${room.max_players}` }),
      make("span", { class: `state ${stateClass(room)}`, text: stateText(room) }),
    );
    line.toggleAttribute("disabled", closed);
    line.addEventListener("click", () => this.actions.join(room.room_id));
    return make("li", {}, line);
  }

  /** @param {PublicRoom} room */
  #longLine(room) {
    const closed = isClosed(room);
    const bots = room.bots
      ? `${room.players} of ${room.max_players}, ${room.bots} ${room.bots === 1 ? "bot" : "bots"}`
      : "";
    const facts = [this.#played(room)];
    if (room.language) facts.push(languageName(room.language));
    if (room.spectators) facts.push(room.spectators === 1 ? "1 watching" : `${room.spectators} watching`);
    const join = button(
      "Join",
      {
        class: "button",
        "data-key": `join ${room.room_id}`,
        "data-testid": `join-${room.room_id}`,
        "aria-label": `Join room ${room.room_id}`,
      },
      () => this.actions.join(room.room_id),
    );
    join.disabled = closed;
    if (closed) join.dataset.closed = "";
    const actions = [join];
    if (room.status === "in-progress" && (room.spectators ?? 0) < (room.max_spectators ?? 0))
      actions.unshift(
        button(
          "Watch",
          {
            class: "button quiet",
            icon: "eye",
            "data-key": `watch ${room.room_id}`,
            "data-testid": `watch-${room.room_id}`,
            "aria-label": `Watch room ${room.room_id}`,
          },
          () => this.actions.watch(room.room_id),
        ),
      );
    const name = make("span", { class: "name" });
    if (room.locked) name.append(icon("lock"));
    name.append(make("b", { text: room.title || `Room ${room.room_id}` }));
    if (room.title) name.append(make("span", { class: "code", text: room.room_id }));
    return make(
      "li",
      { "data-room": room.room_id },
      make("div", { class: "room-what" }, name, make("small", { text: facts.join("  ·  ") })),
      make(
        "span",
        { class: "rating", title: "Mean rating" },
        ...(room.rating ? [icon("trophy"), String(Math.round(room.rating))] : []),
      ),
      make(
        "span",
        { class: "count", title: bots },
        seats(room),
        make("b", { text: `${room.players}/${room.max_players}` }),
      ),
      make("span", { class: `state ${stateClass(room)}`, text: stateText(room) }),
      make("span", { class: "actions" }, ...actions),
    );
  }
}

/** How full a room is, as a small bar. @param {PublicRoom} room */
function seats(room) {
  const bar = make("i", { class: "fill" }, make("i"));
  /** @type {HTMLElement} */ (bar.firstElementChild).style.width =
    `${Math.min(100, (100 * room.players) / Math.max(1, room.max_players))}%`;
  return bar;
}

/** An older server does not say whether there is a free seat: try and see. @param {PublicRoom} room */
function isClosed(room) {
  return room.open === false;
}

/** @param {PublicRoom} room */
function stateText(room) {
  if (room.locked) return "locked";
  if (room.players >= room.max_players) return "full";
  if (isClosed(room)) return "closed";
  return room.status === "in-progress" ? "playing" : "waiting";
}

/** @param {PublicRoom} room */
function stateClass(room) {
  return isClosed(room) ? "closed" : room.status === "in-progress" ? "" : "waiting";
}
