/**
 * Which view is on the stage, and what it is told: the room's game decides which, the room's status what. What each
 * method of a view is for stands in views/view.js.
 */

/** @typedef {"title" | "waiting" | "playing" | "results" | "lost"} Status */

export class Stage {
  /**
   * @param {import("../sdk/rumpus.js").Client} client
   * @param {import("../views/registry.js").Views} views
   */
  constructor(client, views) {
    this.client = client;
    this.views = views;
    /** Of the room's game; where there is no room, of the one that most come for. */
    this.view = views.of();
  }

  /** @param {import("../sdk/types.js").Joined} joined */
  enter(joined) {
    this.#change();
    this.view.stop();
    this.view.enter(joined);
    if (joined.status === "in-progress") this.view.start(null);
  }

  /** Show what belongs to a status. @param {Status} status */
  show(status) {
    this.#change();
    const { view } = this;
    document.body.dataset.view = view.name;
    if (status === "title") view.leave();
    if (status === "waiting") view.stop();
    // Until the first state has come there is nothing else to show.
    const loading = status === "playing" && !view.ready;
    document.body.toggleAttribute("data-loading", loading);
    view.backdrop(status === "title" || status === "waiting" || loading);
    const note = status === "playing" ? this.#watchNote() : "";
    view.play(status === "playing" && note === "");
    view.watch(note);
  }

  /** One view at a time. */
  #change() {
    const view = this.views.of(this.client.room?.game);
    if (view === this.view) return;
    this.view.leave();
    this.view.backdrop(false);
    this.view = view;
  }

  /** Why the player only watches, and how late; "" for those who play. */
  #watchNote() {
    const delay = this.client.room?.spectator_delay ?? 0;
    const late = delay > 0 ? `, ${delay} s behind` : "";
    if (this.client.spectating) return `Watching${late}`;
    return this.client.me?.out ? `You are out: watching${late}` : "";
  }
}
