/** A match that stands still: who wanted it, how long until it goes on, and the way to go on. */
import { byId, setText, show } from "../ui/dom.js";
import { toast } from "../ui/toasts.js";

export class PauseOverlay {
  #resumesAt = 0;
  /** Whether the player at this page has asked for a pause that is not agreed yet. */
  #asked = false;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;

  /**
   * @param {import("../sdk/rumpus.js").Client} client
   * @param {{beep: () => void, changed: () => void}} actions
   */
  constructor(client, actions) {
    this.client = client;
    this.actions = actions;
    byId("paused-go").addEventListener("click", () => client.pause(false));
    client.on("paused", ({ paused, resumesAt }) => {
      this.#resumesAt = resumesAt;
      if (paused) this.#asked = false;
      this.draw();
      actions.changed();
    });
    const reset = () => {
      this.#asked = false;
      this.#resumesAt = 0;
      this.draw();
    };
    client.on("joined", reset);
    client.on("game_started", reset);
    client.on("game_over", reset);
  }

  get asked() {
    return this.#asked;
  }

  /** Ask for a pause, or take that back. */
  ask() {
    this.#asked = !this.#asked;
    this.client.pause(this.#asked);
    if (this.#asked) toast("You ask for a pause. It begins when everybody here does.");
  }

  /** Show it if the room is paused and its match is on the screen. */
  draw() {
    const { room, spectating } = this.client;
    const paused = room?.paused === true && room.status === "in-progress" && this.client.connection === "joined";
    show(byId("paused"), paused);
    document.body.toggleAttribute("data-paused", paused);
    clearInterval(this.#timer);
    if (!paused) return;
    show(byId("paused-go"), !spectating && this.#resumesAt === 0);
    if (this.#resumesAt > 0) this.#timer = setInterval(() => this.#count(), 100);
    this.#count();
  }

  #count() {
    const left = Math.ceil((this.#resumesAt - performance.now()) / 1000);
    const counting = this.#resumesAt > 0;
    const title = counting ? String(Math.max(1, left)) : "Paused";
    if (counting && byId("paused-title").textContent !== title) this.actions.beep();
    setText(byId("paused-title"), title);
    byId("paused").classList.toggle("counting", counting);
    setText(byId("paused-detail"), counting ? "The match goes on" : "Everybody agreed to a pause. Anybody can go on.");
  }
}
