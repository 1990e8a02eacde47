/** The public rooms of a server, as they are now: what `client.watchRooms` keeps up to date. */

/** @typedef {import("../types.js").PublicRoom} PublicRoom */

/**
 * @typedef {object} RoomFilter
 * @property {boolean} [open] only those that a player can join now
 * @property {import("../types.js").RoomStatus} [status]
 * @property {string} [language]
 * @property {Record<string, any>} [settings] values that the room must have
 * @property {string} [text] in the title or the code
 * @property {"players" | "rating" | "title"} [sort] fullest, strongest or alphabetical first; the fullest when left out
 */

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

  /** @param {RoomFilter} [filter] @returns {PublicRoom[]} those that fit, sorted */
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
