/** Who is who in a match, as the drawing code asks for it; see types.js. Also knows those who have just left. */

/** @typedef {import("../../sdk/rumpus.js").Client} Client */
/** @typedef {import("./types.js").Cast} Cast */

/** @implements {Cast} */
export class RoomCast {
  selfId = "";
  followed = "";
  /** Of everybody seen so far: the picture is a moment late and may still show who has just left. @type {Map<string, string>} */
  #names = new Map();

  /**
   * @param {Client} client
   * @param {import("../../ui/palette.js").Colours} colours
   * @param {(id: string) => string | undefined} teamOf who is out of sight has no ship to tell the team
   */
  constructor(client, colours, teamOf) {
    this.client = client;
    this.colours = colours;
    this.teamOf = teamOf;
  }

  /** @param {string} id */
  name = (id) => {
    const name = this.client.players.get(id)?.name;
    if (name !== undefined) this.#names.set(id, name);
    return name ?? this.#names.get(id) ?? "Enemy";
  };

  /** @param {string} id */
  signed = (id) => this.client.players.get(id)?.signed === true;

  /** @param {string} id @param {string} team */
  colour = (id, team) => this.colours.of(id, team || this.teamOf(id));

  /** @param {string} id @returns {"" | "away" | "out"} */
  absence = (id) => {
    const player = this.client.players.get(id);
    return player?.away ? "away" : player?.out ? "out" : "";
  };

  /** Forget who has left. */
  clear() {
    this.#names.clear();
  }
}
