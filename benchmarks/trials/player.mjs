/**
 * Players of the SDK in one room of Arena, who see what happens to their server. Each changes direction, up or down, twice
 * a second, and waits for its ship to do so.
 *
 *     node --experimental-websocket benchmarks/trials/player.mjs PLAN
 *
 * The plan is JSON: `url`, `names`, `room` (a code, or null for quick play) and `create` (whether the first opens a room of
 * its own). Prints one line of JSON about the room once all are in it; then, until standard input ends, nothing; then what
 * each player has noted: `[milliseconds, what]`, where `what` is `state`, `answer` (the ship did as it was told), or the
 * name of an event of the SDK. Times are those of the clock that `date` shows.
 */
import { Client } from "../../src/rumpus/web/sdk/rumpus.js";

const plan = JSON.parse(process.argv[2]);
/** Milliseconds from one change of direction to the next, and units by which a ship must have moved. */
const TURN = 500;
/** Milliseconds without a state after which the direction changes at once. */
const GAP = 250;
const FAR = 3;
const NOTED = ["stalled", "restarted", "game_over", "notice", "closed", "error", "connection"];

/** @param {string} name @param {string | null} room @param {boolean} create */
async function play(name, room, create) {
  const client = new Client({ url: plan.url, guest: null, storage: false });
  /** @type {[number, string][]} */
  const notes = [];
  const note = (/** @type {string} */ what) => notes.push([Math.round(performance.timeOrigin + performance.now()), what]);
  let up = 1;
  /** Where the ship was when the direction changed; NaN: it has answered. */
  let from = NaN;
  const ship = () => (client.me && client.world ? client.world.entity("players", client.me.player_id, {}) : null);
  for (const event of NOTED)
    client.on(/** @type {any} */ (event), (/** @type {any} */ payload) =>
      note(event === "connection" ? payload.state : payload?.code ? `${event} ${payload.code}` : event),
    );
  let heardAt = performance.now();
  client.on("state", () => {
    note("state");
    const y = ship()?.y;
    const silent = performance.now() - heardAt;
    heardAt += silent;
    // What was wanted before nothing came says nothing about control afterwards.
    if (silent > GAP) turn();
    if (y !== undefined && (y - from) * up > FAR) {
      note("answer");
      from = NaN;
    }
  });
  function turn() {
    const y = ship()?.y;
    if (y === undefined) return;
    up = -up;
    from = y;
  }
  const neutral = { move_x: 0, move_y: 0, aim: 0, fire: false };
  const begin = () => client.predict({ read: () => ({ ...neutral, move_y: up }), neutral });
  client.on("joined", () => setTimeout(begin, 0));
  await client.join({ name, room: room ?? undefined, options: create ? { create: true, private: true } : {} });
  setInterval(turn, TURN);
  return { client, notes };
}

const players = [];
for (const [number, name] of plan.names.entries()) {
  const room = number === 0 ? plan.room : players[0].client.room.room_id;
  players.push(await play(name, room, plan.create && number === 0));
}
console.log(JSON.stringify({ room: players[0].client.room?.room_id }));
process.stdin.on("data", () => {});
process.stdin.on("end", () => {
  console.log(JSON.stringify(players.map(({ client, notes }) => ({ room: client.room?.room_id ?? null, notes }))));
  process.exit(0);
});
