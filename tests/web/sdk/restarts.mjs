/**
 * Clients of the SDK at a real server (its port is the argument) that is restarted. Prints `ready` when all have a seat;
 * is told `up` when the server listens again; prints as JSON who was where, and how long it took. What should have come of
 * it says tests/over_sockets/test_restart.py.
 */
import { once } from "node:events";
import { createInterface } from "node:readline";
import { Client } from "../../../src/rumpus/web/sdk/rumpus.js";

const url = `ws://127.0.0.1:${process.argv[2]}/ws`;
const lines = createInterface({ input: process.stdin });

/** @type {{kind: string, client: Client, before: any, told: any[], backAt: number}[]} */
const guests = [];

async function come(kind, request) {
  const client = new Client({ url, guest: null });
  const guest = { kind, client, before: null, told: [], backAt: 0 };
  for (const name of /** @type {const} */ (["restarted", "closed"]))
    client.on(name, (payload) => guest.told.push([name, payload]));
  client.on("game_over", ({ reason }) => guest.told.push(["game_over", reason]));
  const { room_id } = await client.join({ name: `${kind} ${guests.length}`, ...request });
  guest.before = { room: room_id, host: client.isHost };
  client.on("joined", () => (guest.backAt ||= performance.now()));
  guests.push(guest);
  return room_id;
}

for (let number = 0; number < 5; number += 1) await come("quick", {});
const own = await come("friend", { options: { create: true, title: "Friday", settings: { goal: 77 } } });
await come("friend", { room: own });
await come("watcher", { room: own, role: "spectator" });
console.log("ready");

const [word] = await once(lines, "line");
const upAt = performance.now();
if (word !== "up") throw new Error(`told ${word}`);
const end = upAt + 15_000;
while (performance.now() < end && guests.some(({ backAt, told }) => !backAt && !told.some(([name]) => name === "closed")))
  await new Promise((resolve) => setTimeout(resolve, 20));

const report = guests.map(({ kind, client, before, told, backAt }) => ({
  ...{ kind, before, told, waited: (backAt - upAt) / 1000, connection: client.connection, spectating: client.spectating },
  after: { room: client.room?.room_id ?? null, host: client.isHost },
  ...{ private: client.room?.private, title: client.room?.title, goal: client.room?.settings.goal },
}));
console.log(JSON.stringify(report));
process.exit(0);
