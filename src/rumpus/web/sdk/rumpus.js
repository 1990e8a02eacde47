/**
 * The Rumpus SDK for browsers: everything a page needs to play any game on a Rumpus server, and nothing about how it
 * looks. No dependencies and no build step:
 *
 *     <script type="module" src="main.js"></script>
 *
 *     // main.js
 *     import { Client, InputPump } from "/sdk/rumpus.js";
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
 *     new InputPump({
 *       rate: client.room.tick_rate,
 *       read: () => ({ move_x: keys.has("KeyD") - keys.has("KeyA"), move_y: keys.has("KeyS") - keys.has("KeyW") }),
 *       neutral: { move_x: 0, move_y: 0 },
 *       send: (data) => client.sendInput(data),
 *     }).start();
 *
 *     const pen = document.querySelector("canvas").getContext("2d");
 *     requestAnimationFrame(function frame() {
 *       const view = smooth.sample(performance.now() / 1000);  // null before the first state
 *       pen.clearRect(0, 0, 800, 600);
 *       for (const player of view?.entities.players.values() ?? []) pen.fillRect(player.x, player.y, 20, 20);
 *       requestAnimationFrame(frame);
 *     });
 *
 * `client.state` is always the newest state as plain data, `client.players` who is in the room, `client.room` what the
 * server told about it, `client.rtt` the round trip in seconds. When the connection breaks, the client goes back to the
 * same room by itself; `client.on("connection", ...)` tells how that is going. types.js lists every event.
 *
 * Games that keep their entities in tables are played in the same way, and need to say less: the tables tell how their
 * columns move, so `client.interpolate()` does, or `client.interpolate({ players: { snap: 200 } })`. The entities in the
 * picture come with `vx` and `vy`; `view.state` is what does not belong to any entity. `client.static` is the part of the
 * state that stays the same during a match, and `client.world` the tables as they arrive, in typed arrays.
 */
export { Client } from "./client.js";
export { MessagePackError, RumpusError, SnapshotError } from "./errors.js";
export { Interpolation, blendAngle } from "./interpolation.js";
export { WorldInterpolation } from "./world-interpolation.js";
export { World } from "./world.js";
export { decode, encode } from "./msgpack.js";
export { InputPump } from "./input-pump.js";
export { Playhead } from "./playhead.js";
export { Backoff } from "./backoff.js";
export { Clock } from "./clock.js";
export { Emitter } from "./emitter.js";
export { mergePatch } from "./patch.js";
export { listRooms, roomCode, roomLink, socketAddress } from "./rooms.js";
