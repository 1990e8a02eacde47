/** What a server's answer means for a seat that one wants back, and how to say that a seat is gone. */

/** After these errors a lost seat cannot be won back by trying again. */
export const HOPELESS = new Set([
  ...["room_not_found", "room_in_progress", "room_locked", "room_not_permitted", "bad_name", "bad_settings"],
  ...["bad_token", "token_required", "kicked", "banned"],
]);

/** One's own lost seat may be what fills a room, until the server notices. */
export const FULL = new Set(["room_full", "spectators_full"]);

/** After these there is no session to come back to: it has expired, or the server knows nothing of coming back. */
export const NO_SESSION = new Set(["session_expired", "unknown_type", "bad_message"]);

/** Why a seat was taken away, for people. @type {Record<string, string>} */
export const LOST_SEAT = {
  session_taken: "You are playing in another tab or window.",
  kicked: "The host has sent you out of the room.",
  banned: "The host has banned you from this room.",
  voted_out: "The players have voted you out of the room.",
  lost: "You did not come back in time.",
  closed: "The room has been closed.",
};
