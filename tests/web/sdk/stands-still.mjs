/**
 * A player of Arena whose server stands still. They fly from side to side; when no state has come for longer than 0.4 s
 * and one comes again, they steer up or down, and it is measured how long it takes until their ship does so. Prints for
 * each such time one line of JSON: how long nothing came (`stood`) and how long until the ship answered (`control`), both
 * in seconds, and what went wrong. `tests/over_sockets/test_standing_still.py` says what should have been.
 */
import { Client } from "../../../src/rumpus/web/sdk/rumpus.js";

const LONG = 0.4;
/** Units that a ship has to have moved. */
const FAR = 4;
const client = new Client({ url: `ws://127.0.0.1:${process.argv[2]}/ws`, guest: null });
const neutral = { move_x: 0, move_y: 0, aim: 0, fire: false };

const errors = [];
let stalled = 0;
let sideways = 1;
let lastAt = NaN;
/** What is waited for since states come again. @type {{stood: number, since: number, y: number, up: number} | null} */
let waiting = null;
let ready = false;

client.on("error", ({ code }) => errors.push(code));
client.on("stalled", ({ ticks }) => (stalled += ticks));
client.on("state", () => {
  const now = performance.now() / 1000;
  const { y } = client.world.entity("players", client.me.player_id, {});
  if (now - lastAt > LONG) waiting = { stood: now - lastAt, since: now, y, up: y > 500 ? -1 : 1 };
  lastAt = now;
  if (waiting !== null && (y - waiting.y) * waiting.up > FAR) {
    console.log(JSON.stringify({ stood: waiting.stood, control: now - waiting.since, stalled, errors }));
    waiting = null;
  }
  if (!ready && client.margin !== null && client.tick > 60) {
    ready = true;
    console.log(JSON.stringify({ ready }));
  }
});

await client.join({ name: "Ann" });
client.predict({
  read: () => (waiting ? { ...neutral, move_y: waiting.up } : { ...neutral, move_x: sideways }),
  neutral,
});
setInterval(() => (sideways = -sideways), 250);
