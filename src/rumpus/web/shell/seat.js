/** Getting a seat and getting it back: joining, coming back after a reload, and after another tab took it. */
import { RumpusError } from "../sdk/rumpus.js";
import { LostOverlay, TakenOverlay } from "./lost.js";
import { sentence } from "./messages.js";

/** @typedef {import("../sdk/types.js").JoinRequest} JoinRequest */

export class Seat {
  /** A request is on its way. */
  joining = false;
  /** The seat of this page's last visit is being asked for. */
  resuming = false;
  /** What the page is told when there is no seat any more, because the server was restarted; empty: it was not. */
  #restarted = "";
  #lost;
  #taken;

  /**
   * @param {import("../sdk/rumpus.js").Client} client
   * @param {import("./title.js").TitleScreen} title
   * @param {{lost: () => void, title: () => void, leave: () => void, click: () => void}} actions
   */
  constructor(client, title, actions) {
    this.client = client;
    this.title = title;
    this.actions = actions;
    this.#lost = new LostOverlay({ retry: () => client.retryNow(), leave: actions.leave });
    this.#taken = new TakenOverlay({ here: () => void this.resume(), leave: actions.leave });
    client.on("connection", ({ connection, attempt, retryAt, seatUntil }) => {
      // Whoever stops waiting for another room has none any more.
      if (this.#lost.shown && !client.room && (connection === "idle" || connection === "connected")) actions.title();
      if (connection !== "reconnecting" || !(client.room || this.resuming)) return;
      actions.lost();
      this.#lost.open({ attempt, retryAt, seatUntil });
    });
    client.on("restarted", ({ again }) => {
      this.#restarted = again ? "" : "The server was restarted, and your room is gone.";
    });
    client.on("closed", (problem) => this.#closed(problem));
  }

  /** Nothing lies over the page any more. */
  close() {
    this.#lost.close();
    this.#taken.close();
  }

  /**
   * @param {JoinRequest} request
   * @returns {Promise<void>}
   */
  async join(request) {
    if (this.joining) return;
    this.joining = true;
    this.title.busy(true);
    this.actions.click();
    try {
      await this.client.join(request);
    } catch (error) {
      const problem = known(error);
      // Another game than the page took it for knows nothing of these settings: it is joined on its own terms.
      const { settings, ...options } = request.options ?? {};
      if (problem.code === "bad_settings" && settings && !request.room) {
        this.joining = false;
        return this.join({ ...request, options });
      }
      if (problem.code === "room_not_found" || problem.code === "seat_expired") this.title.invite();
      this.title.busy(false);
      if (problem.code !== "left" && problem.code !== "cancelled") this.title.problem(sentence(problem));
    } finally {
      this.joining = false;
    }
  }

  /** Take the seat that this page had before it was loaded again, or before another tab took it. */
  async resume() {
    const kept = this.client.kept;
    this.resuming = true;
    this.actions.lost();
    this.#taken.close();
    this.#lost.comingBack();
    try {
      await this.client.resume();
    } catch (error) {
      const problem = known(error);
      if (problem.code === "left") return;
      this.actions.title();
      // With the server the room is gone, and there is nothing to invite to.
      if (kept?.room && !this.#restarted) this.title.invite({ room: kept.room });
      const expired = "Your seat was held for a while, and then given up. You can join the room again.";
      this.title.problem(this.#gone(problem) || (problem.code === "session_expired" ? expired : sentence(problem)));
    } finally {
      this.resuming = false;
    }
  }

  /** @param {{code: string, message: string}} problem */
  #closed(problem) {
    if (problem.code === "session_taken") {
      this.actions.lost();
      this.#lost.close();
      this.#taken.open();
      return;
    }
    history.replaceState(null, "", "/");
    this.title.invite();
    this.actions.title();
    this.title.problem(
      this.#gone(problem) ||
        (problem.code === "room_not_found" ? "Your room has closed while you were away." : sentence(problem)),
    );
  }

  /** @param {{code: string}} problem @returns {string} that the room is gone with the server; empty if it is not */
  #gone({ code }) {
    const text = code === "room_not_found" ? this.#restarted : "";
    this.#restarted = "";
    return text;
  }
}

/** @param {unknown} error */
export function known(error) {
  return error instanceof RumpusError ? error : new RumpusError("", String(error));
}
