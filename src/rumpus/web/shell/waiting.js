/** The waiting room: who is here, who is missing, how to get friends in, how it is played, and when it begins. */
import { roomLink } from "../sdk/rumpus.js";
import { copyText } from "../ui/clipboard.js";
import { byId, make, refill, setText, show } from "../ui/dom.js";
import { inOrder, playerLine, readiness } from "../ui/player-list.js";
import { RoomSettings } from "../ui/room-settings.js";
import { toast } from "../ui/toasts.js";

/** @typedef {import("../sdk/rumpus.js").Client} Client */
/** @typedef {import("../sdk/types.js").Player} Player */
/** @typedef {import("../ui/words.js").Words} Words */

/** Free seats are shown one by one up to so many. */
const FREE_SHOWN = 4;

export class WaitingRoom {
  #link = byId("share-link", HTMLInputElement);
  #settings;
  /** @type {number | null} */
  #startsAt = null;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;
  #beeped = 0;

  /**
   * @param {Client} client
   * @param {{leave: () => void, colour: (player: Player) => string, beep: () => void, words: () => Words}} actions
   */
  constructor(client, actions) {
    this.client = client;
    this.actions = actions;
    this.#settings = new RoomSettings(client, byId("waiting-settings"), actions.words);
    byId("waiting-leave").addEventListener("click", () => actions.leave());
    byId("waiting-ready").addEventListener("click", () => client.ready(!client.me?.ready));
    byId("waiting-start").addEventListener("click", () => client.start());
    byId("copy-link").addEventListener("click", async () => {
      const copied = await copyText(this.#link.value, this.#link);
      toast(copied ? "Link copied. Send it to your friends." : "Copy the selected link by hand.");
    });
    this.#link.addEventListener("focus", () => this.#link.select());
    client.on("players", () => this.#draw());
    client.on("room_changed", () => this.#draw());
    client.on("event", ({ name, data }) => {
      if (name === "countdown") this.#countdown(data.seconds);
    });
  }

  open() {
    const { room } = this.client;
    if (!room) return;
    this.#link.value = roomLink(room.room_id);
    // The chat belongs to the whole page and is only lent to the waiting room.
    byId("waiting-chat").append(byId("chat"));
    show(byId("screen-waiting"), true);
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.#drawState(), 200);
    this.#draw();
  }

  close() {
    clearInterval(this.#timer);
    this.#startsAt = null;
    if (byId("waiting-chat").contains(byId("chat"))) document.body.append(byId("chat"));
    show(byId("screen-waiting"), false);
  }

  /** @param {number | null} seconds */
  #countdown(seconds) {
    this.#startsAt = seconds === null ? null : performance.now() + seconds * 1000;
    this.#drawState();
  }

  #drawState() {
    const { room, players } = this.client;
    if (!room) return;
    const state = byId("waiting-state");
    const detail = byId("waiting-detail");
    const seats = `${players.size} of ${room.max_players} players`;
    if (this.#startsAt !== null) {
      const left = Math.max(0, Math.ceil((this.#startsAt - performance.now()) / 1000));
      setText(state, left > 0 ? `Starting in ${left}` : "Here we go");
      setText(detail, readiness(this.client).ready > 0 ? `${seats}, ${readiness(this.client).ready} ready` : seats);
      if (left > 0 && left <= 3 && left !== this.#beeped && !byId("screen-waiting").hidden) this.actions.beep();
      this.#beeped = left;
      return;
    }
    const needed = room.start === "full" ? room.max_players : room.min_players;
    const missing = Math.max(0, needed - players.size);
    const { ready, people } = readiness(this.client);
    const others =
      room.start === "full" ? `${seats}; starts when full or all are ready` : `${seats}; starts when all are ready`;
    setText(
      state,
      ready > 0 ? `${ready} of ${people} ready` : missing > 0 ? `Waiting for ${missing} more` : "Starting soon",
    );
    setText(detail, others);
  }

  #draw() {
    const { room, players, me } = this.client;
    if (!room || byId("screen-waiting").hidden) return;
    const mode = this.actions.words().played(room.settings, room.game);
    const parts = [mode, room.private ? "private" : "public"];
    if (room.locked) parts.push("locked");
    setText(byId("waiting-mode"), parts.join("  ·  "));
    setText(byId("waiting-title"), room.title || "Room");
    setText(byId("waiting-code"), room.room_id);
    this.#drawState();
    this.#drawPlayers([...players.values()], room);
    this.#settings.draw();
    const ready = byId("waiting-ready");
    ready.setAttribute("aria-pressed", String(me?.ready === true));
    setText(ready, me?.ready ? "Not ready after all" : "Ready");
    ready.classList.toggle("primary", !me?.ready);
    show(ready, me !== null && room.status === "waiting");
    show(byId("waiting-start"), this.client.isHost && room.status === "waiting");
  }

  /**
   * @param {Player[]} all
   * @param {import("../sdk/types.js").Joined} room
   */
  #drawPlayers(all, room) {
    const box = byId("waiting-players");
    box.classList.toggle("teams", room.teams.length > 0);
    const ordered = inOrder(this.client);
    const line = (/** @type {Player} */ player) =>
      playerLine(this.client, player, { colour: this.actions.colour(player), ready: true, place: "seat " });
    if (room.teams.length === 0) {
      const free = Math.max(0, room.max_players - all.length);
      refill(box, [make("ul", { class: "people" }, ...ordered.map(line), ...freeSeats(free))]);
      return;
    }
    const own = this.client.me?.team;
    refill(
      box,
      room.teams.map((team) => {
        const members = ordered.filter((player) => player.team === team);
        const header = make("header", {}, make("i", { class: `mark ${team}` }), `${team} team`);
        if (own !== team && this.client.me) {
          const change = make("button", {
            type: "button",
            class: "button",
            text: "Join",
            "data-key": `team ${team}`,
            "data-testid": `team-${team}`,
            "aria-label": `Join the ${team} team`,
          });
          change.addEventListener("click", () => this.client.setTeam(team));
          header.append(change);
        }
        const empty =
          members.length === 0 ? [make("li", { class: "person free" }, make("span", { text: "nobody yet" }))] : [];
        return make(
          "section",
          { class: "team" },
          header,
          make("ul", { class: "people" }, ...members.map(line), ...empty),
        );
      }),
    );
  }
}

/** @param {number} count */
function freeSeats(count) {
  const shown = count > FREE_SHOWN + 1 ? FREE_SHOWN : count;
  const seats = Array.from({ length: shown }, () =>
    make("li", { class: "person free" }, make("span", { text: "free seat" })),
  );
  if (count > shown)
    seats.push(make("li", { class: "person free" }, make("span", { text: `and ${count - shown} more` })));
  return seats;
}
