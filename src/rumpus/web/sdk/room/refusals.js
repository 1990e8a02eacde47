/** What a server's answer means for a seat that one wants back, and how to say that a seat is gone. */

/** After these errors a lost seat cannot be won back by trying again. */
const HOPELESS = new Set([
  ...["room_not_found", "room_in_progress", "room_locked", "room_not_permitted", "bad_name", "bad_settings"],
  ...["json_full", "bad_token", "token_required", "kicked", "banned"],
]);

/** One's own lost seat may be what fills a room, until the server notices. So often is it asked again. */
const FULL = new Set(["room_full", "spectators_full"]);
const FULL_ATTEMPTS = 8;

/** So often is damage taken for chance, and no more. */
const DAMAGED_ATTEMPTS = 5;

/** After these there is no session to come back to: it has expired, or the server knows nothing of coming back. */
export const NO_SESSION = new Set(["session_expired", "server_restarted", "unknown_type", "bad_message"]);

/** The answer of a server to a session of the process before it. */
export const RESTARTED = "server_restarted";

/** Why a seat was taken away, for people. @type {Record<string, string>} */
export const LOST_SEAT = {
  session_taken: "You are playing in another tab or window.",
  kicked: "The host has sent you out of the room.",
  banned: "The host has banned you from this room.",
  voted_out: "The players have voted you out of the room.",
  lost: "You did not come back in time.",
  closed: "The room has been closed.",
};

/** How often it went wrong, and so whether there is hope. */
export class Setbacks {
  #refused = 0;
  #damaged = 0;

  /** Another seat is wanted. */
  clear() {
    this.#refused = this.#damaged = 0;
  }

  /** The seat is there. What is damaged may be damaged again. */
  seated() {
    this.#refused = 0;
  }

  /**
   * @param {string} code of an error on coming back
   * @param {{ticket: boolean, watched: boolean}} has a fresh ticket for each attempt; watched a room before a restart
   * @returns {boolean} whether there is no hope
   */
  hopeless(code, { ticket, watched }) {
    // Who watched a room waits for its players to open it again.
    if (FULL.has(code) || (watched && code === "room_not_found")) return ++this.#refused >= FULL_ATTEMPTS;
    return HOPELESS.has(code) || (code === "token_expired" && !ticket);
  }

  /** @returns {boolean} whether there is no hope */
  damaged() {
    return ++this.#damaged >= DAMAGED_ATTEMPTS;
  }
}
