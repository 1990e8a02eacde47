/**
 * The way back after the server was restarted: it knows none of its rooms any more, and no seats. Everybody asks first for
 * the room that they were in, to be opened again under its code, so that whoever comes first opens it and the others find
 * it. Where that cannot be, those who had not come by a code ask for what they asked for at first.
 */

/** @typedef {import("../types.js").Joined} Joined */
/** @typedef {import("../types.js").JoinRequest} JoinRequest */

/**
 * What one was in: `kind` are the options by which the room is opened again; null: not by this one, who only watches.
 *
 * @typedef {{room: string, request: JoinRequest, kind: Record<string, any> | null}} Past
 */

/** After these the room cannot be had, and another can. */
const ELSEWHERE = new Set(["room_not_found", "room_full", "room_in_progress", "room_locked"]);

/**
 * @param {Joined} joined the room as it was last
 * @param {JoinRequest} request what the player had asked for
 * @returns {Past}
 */
export function pastOf(joined, { token: _, ...request }) {
  return { room: joined.room_id, request, kind: joined.role === "spectator" ? null : kindOf(joined) };
}

/** @param {Joined} room */
function kindOf(room) {
  // Nobody made it: it is one of quick play.
  if (room.host === null) return { create: false };
  const choosable = Object.keys(room.schema?.settings?.properties ?? {}).filter((name) => name in room.settings);
  return {
    create: true,
    // Of those that are locked, the code is known only to those who were in.
    private: room.private || room.locked,
    title: room.title,
    language: room.language,
    max_players: room.max_players,
    bots: room.bots,
    filter: {},
    settings: Object.fromEntries(choosable.map((name) => [name, room.settings[name]])),
    host: room.host === room.player_id,
  };
}

export class WayBack {
  #past;
  /** What is asked for, one after another. @type {JoinRequest[]} */
  #requests;

  /** @param {Past} past */
  constructor(past) {
    this.#past = past;
    const { request, room, kind } = past;
    const { name, role, options = {} } = request;
    if (kind === null) {
      this.#requests = [{ name, room, role: "spectator" }];
      return;
    }
    const again = { name, room, options: { ...options, ...kind, reopen: true } };
    // The server may have come back as one that has other settings, or smaller rooms.
    this.#requests = [again, modest(again)];
    if (request.room === undefined && request.seat === undefined && role !== "spectator")
      this.#requests.push(request, modest(request));
  }

  /** The code of the room that one was in. */
  get room() {
    return this.#past.room;
  }

  /** Whether one only watched. */
  get watches() {
    return this.#past.kind === null;
  }

  /** What is to be asked for now. */
  get request() {
    return this.#requests[0];
  }

  /** Why there is no seat any more. @param {import("../types.js").ServerError} error @returns {string} */
  explain({ code, message }) {
    if (code === "room_not_found") return "The server was restarted, and the room that you were in is gone.";
    return `The server was restarted, and there is no seat for you: ${message}`;
  }

  /**
   * It was refused.
   *
   * @param {string} code
   * @returns {boolean} whether there is something else to ask for
   */
  refused(code) {
    let left = code === "bad_settings" ? this.#requests.slice(1) : [];
    if (ELSEWHERE.has(code) && this.request.room !== undefined)
      left = this.#requests.filter(({ room }) => room === undefined);
    if (left.length === 0) return false;
    this.#requests = left;
    return true;
  }
}

/** The same, but for what a server may not grant. @param {JoinRequest} request @returns {JoinRequest} */
function modest({ options = {}, ...request }) {
  const { settings: _s, filter: _f, max_players: _m, bots: _b, ...rest } = options;
  return { ...request, options: rest };
}
