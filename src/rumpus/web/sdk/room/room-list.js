/** The public rooms of a server: as they are now, kept up to date by `client.watchRooms`, or once, over plain HTTP. */

/** @typedef {import("../types.js").PublicRoom} PublicRoom */
/** @typedef {import("../types.js").PublicRooms} PublicRooms */

/** @implements {PublicRooms} */
export class RoomList {
  /** @type {Map<string, PublicRoom>} */
  #rooms = new Map();

  /** In the server's order, those that are new last. */
  get all() {
    return [...this.#rooms.values()];
  }

  get size() {
    return this.#rooms.size;
  }

  /** @param {string} roomId @returns {PublicRoom | null} */
  get(roomId) {
    return this.#rooms.get(roomId) ?? null;
  }

  /** @param {PublicRoom[]} rooms all of them */
  replace(rooms) {
    this.#rooms.clear();
    this.change(rooms, []);
  }

  /**
   * @param {PublicRoom[]} rooms new ones, and those that have changed
   * @param {string[]} gone
   */
  change(rooms, gone) {
    for (const id of gone) this.#rooms.delete(id);
    for (const room of rooms) this.#rooms.set(room.room_id, room);
  }

  /** @param {import("../types.js").RoomFilter} [filter] @returns {PublicRoom[]} those that fit, sorted */
  find({ open, status, language, settings = {}, text = "", sort = "players" } = {}) {
    const wanted = Object.entries(settings);
    const part = text.trim().toLowerCase();
    const found = this.all.filter(
      (room) =>
        (!open || room.open) &&
        (!status || room.status === status) &&
        (!language || room.language === language) &&
        wanted.every(([name, value]) => room.settings?.[name] === value) &&
        `${room.title ?? ""} ${room.room_id}`.toLowerCase().includes(part),
    );
    return found.sort((a, b) => ORDERS[sort](a, b) || a.room_id.localeCompare(b.room_id));
  }
}

/** @type {Record<string, (a: PublicRoom, b: PublicRoom) => number>} */
const ORDERS = {
  players: (a, b) => b.players - a.players,
  rating: (a, b) => (b.rating ?? -1) - (a.rating ?? -1),
  // Those without a title come last.
  title: (a, b) => Number(!a.title) - Number(!b.title) || (a.title ?? "").localeCompare(b.title ?? ""),
};

/**
 * The public rooms of a server, and the name of the game it runs (null when it does not say and has no rooms).
 *
 * @param {string} [origin] such as "http://localhost:8000"; the page's own when left out
 * @param {AbortSignal} [signal]
 * @returns {Promise<{game: string | null, rooms: PublicRoom[]}>}
 */
export async function listRooms(origin = location.origin, signal) {
  const response = await fetch(new URL("/rooms", origin), { cache: "no-store", signal });
  if (!response.ok) throw new Error(`GET /rooms answered ${response.status}`);
  const body = await response.json();
  /** @type {PublicRoom[]} */
  const rooms = Array.isArray(body.rooms) ? body.rooms : [];
  return { game: body.game ?? rooms[0]?.game ?? null, rooms };
}
