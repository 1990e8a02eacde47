/**
 * A client for any game: shows the state as it is, who is here and what happens, and sends inputs from a form made of
 * the game's own schema. Whoever writes the 40 lines of a new game can try it before writing any JavaScript.
 */
import { copyText } from "../../ui/clipboard.js";
import { byId, make, setText, show } from "../../ui/dom.js";
import { toast } from "../../ui/toasts.js";
import { Words } from "../../ui/words.js";
import { roomLink } from "../../sdk/rumpus.js";
import { InputForm } from "./form.js";
import { RoomPanel } from "./room-panel.js";
import { StateTree } from "./tree.js";

/** @typedef {import("../view.js").View} View */

const EVENTS = 60;

/** @implements {View} */
export class GenericView {
  name = "generic";
  showsRoom = true;
  words = new Words();
  /** @type {View["keys"]} */
  keys = [];
  /** The state is shown as it is, whatever it is. */
  ready = true;
  #tree = new StateTree();
  #events = make("ol", { class: "g-events", "data-testid": "generic-events" });
  #people;
  #status = make("span", { class: "g-status" });
  #meters = make("span", { class: "g-meters" });
  #form = make("div", {});
  #frame = 0;
  #drawnTick = -1;

  /**
   * @param {import("../view.js").Page} page
   * @param {string} game
   */
  constructor(page, game) {
    this.client = page.client;
    this.page = page;
    this.title = game;
    this.#people = new RoomPanel(page, this.words);
    page.client.on("event", (event) => this.#logEvent(event.name, JSON.stringify(event.data), event.tick));
  }

  enter() {
    const { room } = this.client;
    if (!room) return;
    const leave = make("button", {
      type: "button",
      class: "button quiet",
      text: "Leave",
      "data-testid": "generic-leave",
    });
    leave.addEventListener("click", () => this.page.leave());
    const link = /** @type {HTMLInputElement} */ (
      make("input", { readonly: "", class: "g-link", "aria-label": "Link to this room", "data-testid": "generic-link" })
    );
    link.value = roomLink(room.room_id);
    const copy = make("button", { type: "button", class: "button", text: "Copy link" });
    copy.addEventListener("click", async () =>
      toast((await copyText(link.value, link)) ? "Link copied." : "Copy the selected link by hand."),
    );
    const graph = make("button", { type: "button", class: "button quiet", text: "Net graph", title: "F3 or N" });
    graph.addEventListener("click", () => this.page.toggleNetGraph());
    document.body.append(byId("chat"));
    const form = new InputForm(room.schema?.input, (data) => this.client.sendInput(data));
    this.#form.replaceChildren(form.element);
    this.#events.replaceChildren();
    byId("screen-generic").replaceChildren(
      make(
        "div",
        { class: "g-layout" },
        make(
          "header",
          { class: "g-head" },
          make("h2", { text: room.game }),
          make("span", { class: "code", text: room.room_id }),
          this.#status,
          this.#meters,
          link,
          copy,
          graph,
          leave,
        ),
        make("section", { class: "card g-state" }, make("h3", { text: "State" }), this.#tree.element),
        make("section", { class: "card g-input" }, make("h3", { text: "Your input" }), this.#form),
        make("section", { class: "card g-people" }, make("h3", { text: "Room" }), this.#people.element),
        make("section", { class: "card g-log" }, make("h3", { text: "Events" }), this.#events),
        make("section", { class: "card g-chat" }, make("h3", { text: "Chat" }), byId("chat")),
      ),
    );
    show(byId("screen-generic"), true);
    this.#people.draw();
    this.#drawnTick = -1;
    cancelAnimationFrame(this.#frame);
    const step = () => {
      this.#frame = requestAnimationFrame(step);
      this.#draw();
    };
    step();
  }

  leave() {
    cancelAnimationFrame(this.#frame);
    // The chat belongs to the whole page and is only lent to the workbench.
    if (byId("screen-generic").contains(byId("chat"))) document.body.append(byId("chat"));
    show(byId("screen-generic"), false);
  }

  /** @type {View["start"]} */
  start(started) {
    if (started) this.#logEvent("game started", "", started.tick);
  }

  /** @type {View["over"]} */
  over({ tick, reason, results }) {
    this.#logEvent("game over", reason, tick);
    toast(results[0] ? `Game over. First: ${results[0].name}.` : "Game over.");
  }

  // The one screen shows a room whatever happens in it: there is nothing to switch, to steer, or to add to others.
  stop() {}
  play() {}
  watch() {}
  backdrop() {}
  typing() {}
  resize() {}
  drawn() {
    return null;
  }
  quickPlayForm() {
    return null;
  }
  settingsForm() {
    return null;
  }
  resultColumns() {
    return [];
  }
  resultTitle() {
    return null;
  }

  #draw() {
    const { client } = this;
    setText(this.#status, statusText(client));
    setText(this.#meters, `tick ${client.tick}  ·  ${client.rtt > 0 ? `${Math.round(client.rtt * 1000)} ms` : "– ms"}`);
    // A tree is read, not watched: ten times a second is enough.
    if (client.tick === this.#drawnTick || performance.now() % 100 > 40) return;
    this.#drawnTick = client.tick;
    this.#tree.draw(client.state);
  }

  /**
   * @param {string} name
   * @param {string} detail
   * @param {number} tick
   */
  #logEvent(name, detail, tick) {
    this.#events.prepend(
      make("li", {}, make("small", { text: String(tick) }), make("b", { text: name }), make("code", { text: detail })),
    );
    while (this.#events.children.length > EVENTS) this.#events.lastElementChild?.remove();
  }
}

/** @param {import("../../sdk/rumpus.js").Client} client */
function statusText({ room, spectating, me }) {
  const parts = [room?.paused ? "paused" : (room?.status ?? "")];
  if (spectating) parts.push(room?.spectator_delay ? `watching, ${room.spectator_delay} s behind` : "watching");
  else if (me?.out) parts.push("you are out");
  return parts.join(", ");
}
