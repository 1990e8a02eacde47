/** What goes wrong, said plainly. Codes are the protocol's; a code that is not known here shows the server's sentence. */

/** @type {Record<string, string>} */
const SENTENCES = {
  room_full: "That room is full. Try another one, or create your own.",
  room_not_found: "There is no such room. It may have closed, or the code has a typo.",
  room_in_progress: "That room is in the middle of a match. Try again when it is over.",
  server_full: "The server is full right now. Try again in a minute.",
  unreachable: "The server cannot be reached. Check your connection and try again.",
  bad_name: "That name does not work. Use up to 20 letters, digits and spaces.",
  bad_settings: "The server does not accept these settings.",
  bad_team: "You cannot change to that team now.",
  rate_limited: "That was too much at once. Wait a moment.",
  too_large: "That message is too long.",
  game_error: "The match had to be stopped because of an error in the game. Sorry!",
  kicked: "You were removed from the room.",
  replaced: "Your seat was taken by somebody else.",
  closed: "The room was closed.",
  lost: "You did not come back in time, and your seat was given up.",
  banned: "You were removed from this room for good.",
  voted_out: "The others voted you out of the room.",
  moved: "Your party went on to another room.",
  room_locked: "That room is locked. Ask its host to let you in.",
  json_full: "That room takes no more clients of this kind.",
  spectators_full: "As many people as may are watching that room already.",
  seat_expired: "The seat that was kept for you has been given up.",
  party_not_found: "There is no such party. It may be over, or the code has a typo.",
  party_full: "That party is full.",
  not_leader: "Your party's leader chooses where you play. Leave the party to go elsewhere.",
  not_host: "Only the host of the room can do that.",
  vote_running: "There is a vote already. Wait until it is over.",
  session_expired: "Your seat was held for a while, and then given up.",
  server_busy: "The server is busy right now. Try again in a moment.",
  bad_token: "Your ticket is not valid here.",
  token_expired: "Your ticket has expired. Get a new one where you got it.",
  token_required: "This server needs a ticket. Start from the page that links here.",
  room_not_permitted: "Your ticket does not allow that room.",
};

/**
 * @param {{code: string, message: string}} error
 * @returns {string}
 */
export function sentence(error) {
  return SENTENCES[error.code] ?? (error.message || "Something went wrong.");
}
