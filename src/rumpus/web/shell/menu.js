/**
 * The menu over a running match: the people in the room and what to do about them, the link for friends, a pause, sound,
 * net graph, and the way out. The match goes on behind it.
 */
import { roomLink } from "../sdk/rumpus.js";
import { copyText } from "../ui/clipboard.js";
import { byId, refill, setText, show } from "../ui/dom.js";
import { inOrder, playerLine } from "../ui/player-list.js";
import { toast } from "../ui/toasts.js";

export class RoomMenu {
  #dialog = byId("menu", HTMLDialogElement);
  #link = byId("menu-link", HTMLInputElement);

  /**
   * @param {import("../sdk/rumpus.js").Client} client
   * @param {import("./pause.js").PauseOverlay} pause
   * @param {{leave: () => void, toggleSound: () => void, toggleNetGraph: () => void, opened: (open: boolean) => void, colour: (player: import("../sdk/types.js").Player) => string}} actions
   */
  constructor(client, pause, actions) {
    this.client = client;
    this.pause = pause;
    this.actions = actions;
    this.#dialog.addEventListener("close", () => actions.opened(false));
    // A click on what lies around the dialog closes it, as everywhere.
    this.#dialog.addEventListener("click", (event) => {
      if (event.target === this.#dialog && outside(event, this.#dialog)) this.close();
    });
    byId("menu-resume").addEventListener("click", () => this.close());
    byId("menu-pause").addEventListener("click", () => {
      this.pause.ask();
      this.close();
    });
    byId("menu-sound").addEventListener("click", () => actions.toggleSound());
    byId("menu-net-graph").addEventListener("click", () => {
      actions.toggleNetGraph();
      this.close();
    });
    byId("menu-leave").addEventListener("click", () => actions.leave());
    byId("menu-copy").addEventListener("click", async () => {
      const copied = await copyText(this.#link.value, this.#link);
      this.close();
      toast(copied ? "Link copied. Send it to your friends." : "Copy the link from the address bar.");
    });
    client.on("players", () => this.draw());
    client.on("room_changed", () => this.draw());
  }

  /** @param {boolean} muted */
  open(muted) {
    const room = this.client.room?.room_id;
    if (!room || this.#dialog.open) return;
    byId("menu-code").textContent = room;
    this.#link.value = roomLink(room);
    this.showSound(muted);
    this.#dialog.showModal();
    this.draw();
    byId("menu-resume").focus();
    this.actions.opened(true);
  }

  close() {
    if (this.#dialog.open) this.#dialog.close();
  }

  /** @param {boolean} muted */
  toggle(muted) {
    if (this.#dialog.open) this.close();
    else this.open(muted);
  }

  /** @param {boolean} muted */
  showSound(muted) {
    byId("menu-sound").textContent = muted ? "Sound is off" : "Sound is on";
  }

  draw() {
    const { client } = this;
    if (!this.#dialog.open || !client.room) return;
    refill(
      byId("menu-players"),
      inOrder(client).map((player) =>
        playerLine(client, player, { colour: this.actions.colour(player), place: "menu " }),
      ),
    );
    show(byId("menu-pause"), client.room.can_pause === true && !client.spectating && !client.room.paused);
    byId("menu-pause").setAttribute("aria-pressed", String(this.pause.asked));
    setText(
      /** @type {HTMLElement} */ (byId("menu-pause").querySelector("span")),
      this.pause.asked ? "No pause after all" : "Ask for a pause",
    );
    setText(byId("menu-resume"), client.spectating ? "Back to watching" : "Back to the match");
  }
}

/**
 * @param {MouseEvent} event
 * @param {HTMLElement} element
 */
function outside(event, element) {
  const box = element.getBoundingClientRect();
  return event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
}
