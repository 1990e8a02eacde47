/** The waiting room: who is here, who is missing, how to get friends in, and when it begins. */
import { roomLink } from "../sdk/rumpus.js";
import { copyText } from "./clipboard.js";
import { byId, clockText, make, MODE_NAMES, setText, show } from "./dom.js";
import { toast } from "./toasts.js";

/** @typedef {import("../sdk/rumpus.js").Client} Client */
/** @typedef {import("../sdk/types.js").Player} Player */

export class WaitingRoom {
  #link = byId("share-link", HTMLInputElement);
  /** @type {number | null} */
  #startsAt = null;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;
  #beeped = 0;

  /**
   * @param {Client} client
   * @param {{leave: () => void, colour: (player: Player) => string, beep: () => void}} actions
   */
  constructor(client, actions) {
    this.client = client;
    this.actions = actions;
    byId("waiting-leave").addEventListener("click", () => actions.leave());
    byId("copy-link").addEventListener("click", async () => {
      const copied = await copyText(this.#link.value, this.#link);
      toast(copied ? "Link copied. Send it to your friends." : "Copy the selected link by hand.");
    });
    this.#link.addEventListener("focus", () => this.#link.select());
    client.on("players", () => this.#draw());
    client.on("event", ({ name, data }) => {
      if (name === "countdown") this.#countdown(data.seconds);
    });
  }

  open() {
    const { room } = this.client;
    if (!room) return;
    this.#link.value = roomLink(room.room_id);
    setText(byId("waiting-code"), room.room_id);
    setText(byId("waiting-mode"), MODE_NAMES[room.settings.mode] ?? room.game);
    setText(byId("waiting-settings"), describe(room.settings));
    show(byId("screen-waiting"), true);
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.#drawState(), 200);
    this.#draw();
  }

  close() {
    clearInterval(this.#timer);
    this.#startsAt = null;
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
      setText(detail, seats);
      if (left > 0 && left <= 3 && left !== this.#beeped && !byId("screen-waiting").hidden) this.actions.beep();
      this.#beeped = left;
      return;
    }
    const needed = room.start === "full" ? room.max_players : room.min_players;
    const missing = Math.max(0, needed - players.size);
    setText(state, missing > 0 ? `Waiting for ${missing} more` : "Starting soon");
    setText(detail, room.start === "full" ? `${seats}; starts when full` : seats);
  }

  #draw() {
    const { room, players } = this.client;
    const box = byId("waiting-players");
    if (!room || byId("screen-waiting").hidden) return;
    this.#drawState();
    const all = [...players.values()];
    box.classList.toggle("teams", room.teams.length > 0);
    if (room.teams.length === 0) {
      box.replaceChildren(
        make(
          "ul",
          { class: "seats" },
          ...all.map((player) => this.#seat(player)),
          ...freeSeats(room.max_players - all.length),
        ),
      );
      return;
    }
    const own = players.get(this.client.playerId)?.team;
    const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset.team : undefined;
    box.replaceChildren(
      ...room.teams.map((team) => {
        const members = all.filter((player) => player.team === team);
        const empty =
          members.length === 0 ? [make("li", { class: "seat free" }, make("span", { text: "nobody yet" }))] : [];
        const header = make("header", {}, make("i", { class: `mark ${team}` }), `${team} team`);
        if (own !== team) {
          const change = make("button", {
            type: "button",
            class: "button",
            text: "Join",
            "data-team": team,
            "data-testid": `team-${team}`,
          });
          change.setAttribute("aria-label", `Join the ${team} team`);
          change.addEventListener("click", () => this.client.setTeam(team));
          header.append(change);
        }
        return make(
          "section",
          { class: "team" },
          header,
          make("ul", { class: "seats" }, ...members.map((player) => this.#seat(player)), ...empty),
        );
      }),
    );
    if (focused) box.querySelector("button")?.focus();
  }

  /** @param {Player} player */
  #seat(player) {
    const you = player.player_id === this.client.playerId;
    const seat = make(
      "li",
      { class: you ? "seat you" : "seat", "data-player": player.player_id },
      make("i"),
      make("span", { text: player.name }),
    );
    seat.style.color = this.actions.colour(player);
    if (you || player.bot) seat.append(make("small", { text: you ? "you" : "bot" }));
    return seat;
  }
}

/** @param {number} count */
function freeSeats(count) {
  return Array.from({ length: Math.max(0, Math.min(12, count)) }, () =>
    make("li", { class: "seat free" }, make("span", { text: "free" })),
  );
}

/** @param {Record<string, any>} settings */
function describe(settings) {
  const parts = [];
  if (settings.time_limit > 0)
    parts.push(settings.time_limit % 60 ? clockText(settings.time_limit) : `${settings.time_limit / 60} minutes`);
  if (settings.mode === "elimination") parts.push(`${settings.lives} lives each`);
  const toScore = settings.mode === "ffa" || settings.mode === "teams";
  if (settings.score_limit > 0 && toScore) parts.push(`first to ${settings.score_limit}`);
  if (settings.mode === "coop" && settings.waves > 0) parts.push(`${settings.waves} waves`);
  if (settings.friendly_fire) parts.push("friendly fire");
  return parts.join("  ·  ");
}
