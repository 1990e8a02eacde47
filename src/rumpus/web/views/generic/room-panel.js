/** A room in one column, for views that have no screens of their own for it: who is here, ready, start, pause, settings. */
import { button, make, refill } from "../../ui/dom.js";
import { inOrder, playerLine } from "../../ui/player-list.js";
import { RoomSettings } from "../../ui/room-settings.js";

export class RoomPanel {
  #people = make("ul", { class: "people", "data-testid": "generic-players" });
  #buttons = make("div", { class: "menu-row" });
  #rules = make("div", { class: "room-settings" });
  #settings;
  element = make("div", { class: "room-panel" }, this.#people, this.#buttons, this.#rules);

  /**
   * @param {Pick<import("../view.js").Page, "client" | "colours" | "askPause">} page
   * @param {import("../../ui/words.js").Words} words
   */
  constructor(page, words) {
    const { client } = page;
    this.client = client;
    this.page = page;
    this.#settings = new RoomSettings(client, this.#rules, () => words);
    for (const name of /** @type {const} */ ([
      "players",
      "room_changed",
      "game_started",
      "game_over",
      "room_reset",
      "paused",
    ]))
      client.on(name, () => this.draw());
  }

  draw() {
    const { client } = this;
    const { room } = client;
    if (!room || !this.element.isConnected) return;
    const asking = room.status !== "in-progress";
    refill(
      this.#people,
      inOrder(client).map((player) =>
        playerLine(client, player, { colour: this.page.colours.of(player.player_id, player.team), ready: asking, place: "panel " }),
      ),
    );
    refill(this.#buttons, client.spectating ? [] : this.#actions(room));
    this.#settings.draw();
  }

  /** @param {import("../../sdk/types.js").Joined} room */
  #actions(room) {
    const { client } = this;
    const actions = [];
    if (room.status !== "in-progress") {
      const ready = client.me?.ready === true;
      actions.push(
        button(
          ready ? "Not ready after all" : room.status === "ended" ? "Play again" : "Ready",
          {
            class: ready ? "button" : "button primary",
            "data-key": "ready",
            "data-testid": "generic-ready",
            "aria-pressed": String(ready),
          },
          () => client.ready(!ready),
        ),
      );
    }
    if (room.status === "waiting" && client.isHost)
      actions.push(button("Start now", { "data-key": "start", "data-testid": "generic-start" }, () => client.start()));
    if (room.can_pause && room.status === "in-progress" && !room.paused)
      actions.push(button("Ask for a pause", { icon: "pause", "data-key": "pause" }, this.page.askPause));
    for (const team of room.teams)
      if (client.me && client.me.team !== team && room.status !== "in-progress")
        actions.push(button(`Join team ${team}`, { "data-key": `team ${team}` }, () => client.setTeam(team)));
    return actions;
  }
}
