/**
 * The Rumpus SDK for browsers: everything a page needs to play any game on a Rumpus server, and nothing about how it
 * looks. No dependencies and no build step:
 *
 *     <script type="module" src="main.js"></script>
 *
 *     // main.js
 *     import { Client } from "/sdk/rumpus.js";
 *
 *     const client = new Client();
 *     client.on("chat", ({ name, text }) => console.log(`${name}: ${text}`));
 *     client.on("event", ({ name, data }) => console.log(name, data));
 *     await client.join({ name: "Ann" });                      // or { name, room: "K7QPX" }
 *
 *     const smooth = client.interpolate({                      // which parts of the state move, and how
 *       players: { blend: ["x", "y"], angles: ["angle"], snap: 200 },
 *     });
 *     const keys = new Set();
 *     addEventListener("keydown", (event) => keys.add(event.code));
 *     addEventListener("keyup", (event) => keys.delete(event.code));
 *     client.predict({                                         // sends what the player wants, tick by tick
 *       read: () => ({ move_x: keys.has("KeyD") - keys.has("KeyA"), move_y: keys.has("KeyS") - keys.has("KeyW") }),
 *       neutral: { move_x: 0, move_y: 0 },
 *     });
 *
 *     const pen = document.querySelector("canvas").getContext("2d");
 *     requestAnimationFrame(function frame() {
 *       const view = smooth.sample(performance.now() / 1000);  // null before the first state
 *       pen.clearRect(0, 0, 800, 600);
 *       for (const player of view?.entities.players.values() ?? []) pen.fillRect(player.x, player.y, 20, 20);
 *       requestAnimationFrame(frame);
 *     });
 *
 * With two functions more the own player moves at once instead of a round trip later: `state`, which finds them in what
 * the server tells, and `step`, the game's own rule of one tick. `predict` then returns what to draw:
 *
 *     const me = client.predict({
 *       read, neutral, step, blend: ["x", "y"], state: ({ state, playerId }) => state.players[playerId] ?? null,
 *     });
 *     me.sample(performance.now() / 1000);                     // in each frame: { x, y, ... }, or null
 *
 * `examples/tag` is a whole game with it, and `docs/netcode.md` says how it works.
 *
 * `client.state` is always the newest state as plain data, `client.players` who is in the room, `client.room` what the
 * server told about it, `client.rtt` the round trip in seconds, `client.stats` how well the connection does. types.js
 * lists every event.
 *
 * When the connection breaks, the client comes back to its seat by itself; `client.on("connection", ...)` tells how that
 * is going. After a reload it is one question:
 *
 *     if (client.canResume()) await client.resume();
 *     else await client.join({ name: "Ann" });
 *
 * When the server was restarted, the client joins the same people in a new match; the event `restarted` tells.
 *
 * Besides the match: `client.watchRooms()` is the live list of rooms, `client.createParty(name)` and `client.enterParty(code,
 * name)` keep friends together, `client.join({ name, room, role: "spectator" })` watches, and `ready`, `start`, `setRoom`,
 * `kick`, `callVote`, `vote`, `pause`, `mute` and `chat` are what people say about their room (room/room.js).
 *
 * Games that keep their entities in tables are played in the same way, and need to say less: the tables tell how their
 * columns move, so `client.interpolate()` does, or `client.interpolate({ players: { snap: 200 } })`. The entities in the
 * picture come with `vx` and `vy`; `view.state` is what does not belong to any entity. `client.static` is the part of the
 * state that stays the same during a match, and `client.world` the tables as they arrive, in typed arrays.
 */
export { Client } from "./client.js";
export { MessagePackError, RumpusError, SnapshotError } from "./errors.js";
export { Interpolation, blendAngle } from "./state/interpolation.js";
export { WorldInterpolation } from "./state/world-interpolation.js";
export { World } from "./state/world.js";
export { decode, encode } from "./net/msgpack.js";
export { InputDriver } from "./prediction/input-driver.js";
export { InputStream } from "./prediction/input-stream.js";
export { NetStats } from "./net/net-stats.js";
export { PredictedPlayer } from "./prediction/predicted-player.js";
export { PredictedSpawns } from "./prediction/predicted-spawns.js";
export { Prediction } from "./prediction/prediction.js";
export { TickClock } from "./prediction/tick-clock.js";
export { Playhead } from "./state/playhead.js";
export { Backoff } from "./net/backoff.js";
export { Clock } from "./net/clock.js";
export { Emitter } from "./emitter.js";
export { mergePatch } from "./state/merge-patch.js";
export { partyCode, partyLink, roomCode, roomLink, seatLink, socketAddress } from "./net/addresses.js";
export { RoomList, listRooms } from "./room/room-list.js";
