/** Chat: the last lines fade away during a match, and come back while one is typing. */
import { isTyping } from "../ui/typing.js";
import { byId, make, setText, show } from "../ui/dom.js";

const LINES = 40;
const FADE_AFTER = 9000;

/** @type {Record<string, string>} */
const DEPARTURES = {
  lost: "did not come back in time",
  kicked: "was removed by the host",
  banned: "was removed for good",
  voted_out: "was voted out",
  moved: "went on with their party",
};

export class Chat {
  #box = byId("chat");
  #log = byId("chat-log");
  #input = byId("chat-input", HTMLInputElement);
  #to = byId("chat-to");
  /** Whether what is written goes to the team only. */
  #teamOnly = false;

  /**
   * @param {import("../sdk/rumpus.js").Client} client
   * @param {{colour: (id: string) => string, typing: (typing: boolean) => void, sound: () => void}} actions
   */
  constructor(client, actions) {
    this.client = client;
    this.actions = actions;
    byId("chat-form").addEventListener("submit", (event) => {
      event.preventDefault();
      const text = this.#input.value.trim();
      if (text) client.chat(text, { to: this.#hasTeam && this.#teamOnly ? "team" : "all" });
      this.#input.value = "";
      this.#input.blur();
    });
    this.#input.addEventListener("keydown", (event) => {
      if (event.key === "Tab" && !event.shiftKey && this.#hasTeam) {
        event.preventDefault();
        this.#address(!this.#teamOnly);
      }
      if (event.key !== "Escape") return;
      this.#input.value = "";
      this.#input.blur();
    });
    this.#to.addEventListener("click", () => {
      this.#address(!this.#teamOnly);
      this.#input.focus();
    });
    this.#input.addEventListener("focus", () => this.#typing(true));
    this.#input.addEventListener("blur", () => this.#typing(false));
    window.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || this.#box.hidden || isTyping(event.target)) return;
      if (event.target instanceof HTMLButtonElement || event.isComposing) return;
      event.preventDefault();
      this.focus();
    });
    client.on("chat", (line) => this.#hear(line));
    client.on("player_joined", (player) => {
      if (!player.bot) this.#note(`${player.name} joined`);
    });
    client.on("player_changed", (player) => this.#noteAbsence(player));
    client.on("player_left", ({ player, reason }) => {
      this.#away.delete(player.player_id);
      if (!player.bot) this.#note(`${player.name} ${DEPARTURES[reason] ?? "left"}`);
    });
    client.on("joined", ({ players }) => {
      this.#away = new Set(players.filter((player) => player.away).map((player) => player.player_id));
      this.#address(false);
    });
  }

  /** Those who are being waited for. @type {Set<string>} */
  #away = new Set();

  /** @param {boolean} shown */
  show(shown) {
    show(this.#box, shown);
    show(this.#to, this.#hasTeam);
    if (!shown) this.#input.blur();
  }

  focus() {
    this.#box.classList.add("open");
    show(this.#to, this.#hasTeam);
    this.#input.focus();
  }

  clear() {
    this.#log.replaceChildren();
  }

  get #hasTeam() {
    return Boolean(this.client.me?.team);
  }

  /** @param {boolean} teamOnly */
  #address(teamOnly) {
    this.#teamOnly = teamOnly;
    setText(this.#to, teamOnly ? "Team" : "All");
    this.#to.setAttribute(
      "aria-label",
      teamOnly ? "To your team; change to everybody" : "To everybody; change to your team",
    );
    this.#to.classList.toggle("team", teamOnly);
  }

  /** @param {import("../sdk/types.js").ChatLine} line */
  #hear({ name, text, player_id, to, spectator, missed }) {
    const author = make("b", { text: `${name}: ` });
    author.style.color = spectator ? "var(--soft)" : this.actions.colour(player_id);
    const line = make("li", { class: to === "team" ? "to-team" : "" });
    if (to === "team") line.append(make("em", { text: "team" }));
    if (spectator) line.append(make("em", { text: "watching" }));
    line.append(author, text);
    this.#add(line);
    if (player_id !== this.client.playerId && !missed) this.actions.sound();
  }

  /** @param {import("../sdk/types.js").Player} player */
  #noteAbsence(player) {
    if (player.bot || player.player_id === this.client.playerId) return;
    const was = this.#away.has(player.player_id);
    if (player.away && !was) {
      this.#away.add(player.player_id);
      this.#note(`${player.name} lost the connection; the seat is held`);
    } else if (!player.away && was) {
      this.#away.delete(player.player_id);
      this.#note(`${player.name} is back`);
    }
  }

  /** @param {string} text */
  #note(text) {
    this.#add(make("li", { class: "info", text }));
  }

  /** @param {boolean} typing */
  #typing(typing) {
    this.#box.classList.toggle("open", typing);
    this.actions.typing(typing);
  }

  /** @param {HTMLElement} line */
  #add(line) {
    this.#log.append(line);
    while (this.#log.children.length > LINES) this.#log.firstElementChild?.remove();
    setTimeout(() => line.classList.add("old"), FADE_AFTER);
  }
}
