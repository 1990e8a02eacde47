/**
 * The seat of this tab: the secret session that wins it back after a cut or a reload, and how far the messages that the
 * server keeps for it have been received. It lives in sessionStorage, which a reload keeps and another tab does not see.
 * A duplicated tab has a copy: then the seat goes to whoever came last, and the tabs tell each other the new secret, so
 * that the first can take the seat back when its player asks for that.
 */

import { pastOf } from "./way-back.js";

/** @typedef {import("./storage.js").Store} Store */
/** @typedef {import("../types.js").Joined} Joined */
/** @typedef {import("../types.js").JoinRequest} JoinRequest */

/**
 * `hold`: seconds for which the server holds the seat. `left`: when the page was left, milliseconds as Date.now(). `past`:
 * what there is to go by when the server knows nothing of the seat any more.
 *
 * @typedef {{
 *   token: string, room: string, name: string, role: "player" | "spectator", hold: number, muted: string[], left?: number,
 *   past?: import("./way-back.js").Past,
 * }} Kept
 */

/** Seconds after the end of a seat's time in which it is tried all the same: clocks differ, and loading takes a while. */
const LATE = 15;

/** Numbers that are remembered: more than a server keeps messages for one player. */
const REMEMBERED = 1024;

export class Session {
  #store;
  #key;
  /** @type {Kept | null} */
  #kept;
  /** @type {BroadcastChannel | null} */
  #channel = null;
  /** The room, which changes, and what was asked for. @type {{joined: Joined, request: JoinRequest} | null} */
  #now = null;

  /** Numbers of messages received, the newest last. @type {Set<number>} */
  #seen = new Set();

  /** The highest number of a message received here. */
  serial = 0;
  /** Whether another tab has taken the seat. */
  elsewhere = false;

  /**
   * @param {Store} store
   * @param {string} url of the server: a session is good for one of them
   */
  constructor(store, url) {
    this.#store = store;
    this.#key = `rumpus.session ${url}`;
    this.#kept = read(store.read(this.#key));
  }

  /** The secret; empty without a seat. */
  get token() {
    return this.#kept?.token ?? "";
  }

  /** Where the seat is; null without one. */
  get seat() {
    const kept = this.#kept;
    return kept && { room: kept.room, name: kept.name, role: kept.role };
  }

  /** Seconds for which the server holds the seat of somebody who is gone. */
  get hold() {
    return this.#kept?.hold ?? 0;
  }

  /** What there is to go by when the server knows nothing of the seat any more. @type {import("./way-back.js").Past | null} */
  get past() {
    return this.#now ? pastOf(this.#now.joined, this.#now.request) : (this.#kept?.past ?? null);
  }

  /** Whose chat this player does not hear. */
  get muted() {
    return this.#kept?.muted ?? [];
  }

  /** Whether the seat may still be there: it is not known to have ended since the page was left. */
  get hopeful() {
    const kept = this.#kept;
    return kept !== null && kept.hold > 0 && (kept.left === undefined || Date.now() < kept.left + (kept.hold + LATE) * 1000);
  }

  /**
   * A seat is given, or given back: from now on its session is the new one.
   *
   * @param {Joined} joined
   * @param {string} name of the player
   * @param {JoinRequest} request what the player had asked for
   */
  take(joined, name, request) {
    const before = this.#kept;
    const token = joined.session ?? "";
    // Numbers go on within a seat, and begin anew with the next.
    const same = joined.resumed && before !== null;
    this.#kept = {
      token,
      room: joined.room_id,
      name,
      role: joined.role,
      hold: joined.reconnect_time,
      muted: same ? before.muted : [],
    };
    this.#now = { joined, request };
    if (!same) this.restart(joined.serial);
    this.elsewhere = false;
    this.#save();
    this.#listen();
    if (same) this.#channel?.postMessage({ was: before.token, now: token });
  }

  /** Nothing of what is kept for this seat has been received here, beyond a number. @param {number} [serial] */
  restart(serial = 0) {
    this.serial = serial;
    this.#seen.clear();
  }

  /**
   * Messages do not always come in the order of their numbers: those of a delayed stream are older. What was received
   * already comes again only when a connection has ended before the server knew.
   *
   * @param {number} serial of a message
   * @returns {boolean} whether the message is a new one
   */
  isNew(serial) {
    if (this.#seen.has(serial)) return false;
    this.#seen.add(serial);
    if (this.#seen.size > REMEMBERED) for (const oldest of this.#seen) {
      this.#seen.delete(oldest);
      break;
    }
    this.serial = Math.max(this.serial, serial);
    return true;
  }

  /**
   * @param {string} id of a player
   * @param {boolean} muted
   */
  mute(id, muted) {
    if (!this.#kept) return;
    const others = this.#kept.muted.filter((each) => each !== id);
    this.#kept.muted = muted ? [...others, id] : others;
    this.#save();
  }

  /** The seat is given up or gone. */
  clear() {
    this.#kept = this.#now = null;
    this.elsewhere = false;
    this.#store.write(this.#key, "");
    this.#channel?.close();
    this.#channel = null;
    globalThis.removeEventListener?.("pagehide", this.#leaving);
  }

  #save() {
    if (this.#kept) this.#kept.past = this.past ?? undefined;
    this.#store.write(this.#key, JSON.stringify(this.#kept));
  }

  #listen() {
    globalThis.addEventListener?.("pagehide", this.#leaving);
    // Only where there are tabs.
    if (this.#channel || typeof BroadcastChannel === "undefined" || !globalThis.document) return;
    this.#channel = new BroadcastChannel(this.#key);
    this.#channel.onmessage = ({ data }) => {
      if (!this.#kept || data?.was !== this.#kept.token || typeof data.now !== "string") return;
      this.#kept.token = data.now;
      this.elsewhere = true;
      this.#save();
    };
  }

  #leaving = () => {
    if (!this.#kept) return;
    this.#kept.left = Date.now();
    this.#save();
  };
}

/**
 * @param {string} text
 * @returns {Kept | null}
 */
function read(text) {
  try {
    const kept = JSON.parse(text);
    const good = typeof kept.token === "string" && kept.token && typeof kept.room === "string";
    return good ? { name: "", role: "player", hold: 0, muted: [], ...kept } : null;
  } catch {
    return null;
  }
}
