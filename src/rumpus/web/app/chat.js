/** Chat: the last lines fade away during a match, and come back while one is typing. */
import { isTyping } from "../arena/controls.js";
import { byId, make, show } from "./dom.js";

const LINES = 40;
const FADE_AFTER = 9000;

export class Chat {
  #box = byId("chat");
  #log = byId("chat-log");
  #input = byId("chat-input", HTMLInputElement);

  /**
   * @param {import("../sdk/rumpus.js").Client} client
   * @param {{colour: (id: string) => string, typing: (typing: boolean) => void, sound: () => void}} actions
   */
  constructor(client, actions) {
    this.actions = actions;
    byId("chat-form").addEventListener("submit", (event) => {
      event.preventDefault();
      const text = this.#input.value.trim();
      if (text) client.chat(text);
      this.#input.value = "";
      this.#input.blur();
    });
    this.#input.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      this.#input.value = "";
      this.#input.blur();
    });
    this.#input.addEventListener("focus", () => this.#typing(true));
    this.#input.addEventListener("blur", () => this.#typing(false));
    window.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || this.#box.hidden || isTyping(event.target)) return;
      if (event.target instanceof HTMLButtonElement || event.isComposing) return;
      event.preventDefault();
      this.focus();
    });
    client.on("chat", ({ name, text, player_id }) => {
      const author = make("b", { text: `${name}: ` });
      author.style.color = actions.colour(player_id);
      this.#add(make("li", {}, author, text));
      if (player_id !== client.playerId) actions.sound();
    });
    client.on("player_joined", (player) => {
      if (!player.bot) this.#add(make("li", { class: "info", text: `${player.name} joined` }));
    });
    client.on("player_left", ({ player, reason }) => {
      if (!player.bot)
        this.#add(
          make("li", { class: "info", text: `${player.name} ${reason === "lost" ? "lost the connection" : "left"}` }),
        );
    });
  }

  /** @param {boolean} shown */
  show(shown) {
    show(this.#box, shown);
    if (!shown) this.#input.blur();
  }

  focus() {
    this.#box.classList.add("open");
    this.#input.focus();
  }

  clear() {
    this.#log.replaceChildren();
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
