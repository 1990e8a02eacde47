/** How a seat is asked for: the `join` message. */
import { RumpusError } from "../errors.js";

/** @typedef {import("../types.js").Joined} Joined */
/** @typedef {import("../types.js").JoinRequest} JoinRequest */

/**
 * @param {JoinRequest} request
 * @param {Joined | null} room that the seat was in before, if this is about coming back: not a new one is wanted then
 * @param {string | null} guest
 * @returns {Record<string, any>} without the ticket
 */
export function seatRequest({ token: _, ...request }, room, guest) {
  /** @type {Record<string, any>} */
  const message = { type: "join", ...(room ? { name: request.name, room: room.room_id } : request) };
  if (room?.role === "spectator") message.role = room.role;
  if (guest) message.guest = guest;
  return message;
}

/**
 * @param {() => string | Promise<string>} token
 * @returns {Promise<string>} it rejects with a RumpusError `no_ticket`
 */
export async function freshTicket(token) {
  try {
    return await token();
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw new RumpusError("no_ticket", `There is no ticket to join with: ${problem}`);
  }
}
