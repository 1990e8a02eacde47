/** Where things are: links to rooms, seats and parties, the codes in them, and the server's own address. */

/**
 * @param {string} roomId
 * @param {string} [origin]
 * @returns {string} the address that lets a friend join this room
 */
export function roomLink(roomId, origin = location.origin) {
  return `${origin}/?room=${encodeURIComponent(roomId)}`;
}

/**
 * @param {string} roomId
 * @param {string} seat a reserved one's token
 * @param {string} [origin]
 * @returns {string} the address that lets a friend take that seat
 */
export function seatLink(roomId, seat, origin = location.origin) {
  return `${roomLink(roomId, origin)}&seat=${encodeURIComponent(seat)}`;
}

/**
 * @param {string} code
 * @param {string} [origin]
 * @returns {string} the address that lets a friend enter this party
 */
export function partyLink(code, origin = location.origin) {
  return `${origin}/?party=${encodeURIComponent(code)}`;
}

/**
 * The room code in what somebody typed or pasted: "k7qpx", " K7QPX ", or a whole link.
 *
 * @param {string} text
 * @returns {string} the code, or "" when there is none
 */
export function roomCode(text) {
  return codeIn(text, /[?&]room=([^&#\s]+)/);
}

/**
 * @param {string} text as for `roomCode`
 * @returns {string} the party's code, or "" when there is none
 */
export function partyCode(text) {
  return codeIn(text, /[?&]party=([^&#\s]+)/);
}

/** @param {string} text @param {RegExp} link @returns {string} */
function codeIn(text, link) {
  const trimmed = text.trim();
  const inLink = link.exec(trimmed);
  let code = inLink ? inLink[1] : trimmed;
  try {
    code = decodeURIComponent(code);
  } catch {
    return "";
  }
  return /^[\w-]{1,64}$/.test(code) ? code.toUpperCase() : "";
}

/**
 * @param {string} [origin]
 * @returns {string} the address of the WebSocket belonging to a page or server
 */
export function socketAddress(origin = location.origin) {
  return `${origin.replace(/^http/, "ws")}/ws`;
}
