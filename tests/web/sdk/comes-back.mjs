/**
 * A client of the SDK at a real server (its port is the argument), whose line is cut again and again while somebody else
 * talks. Prints what came of it as JSON; tests/over_sockets/test_sdk_comes_back.py says what should have.
 */
import net from "node:net";
import { once } from "node:events";
import { Client } from "../../../src/rumpus/web/sdk/rumpus.js";

const port = Number(process.argv[2]);
const CUTS = 8;

/** Both ends of each connection that goes through the proxy. @type {Set<net.Socket[]>} */
const pairs = new Set();
const proxy = net.createServer((near) => {
  const far = net.connect(port, "127.0.0.1");
  const pair = [near, far];
  pairs.add(pair);
  near.pipe(far);
  far.pipe(near);
  for (const socket of pair) {
    socket.on("error", () => {});
    socket.on("close", () => pair.forEach((each) => each.destroy()) || pairs.delete(pair));
  }
});
proxy.listen(0, "127.0.0.1");
await once(proxy, "listening");

const cut = () => [...pairs].forEach((pair) => pair.forEach((socket) => socket.destroy()));
const happens = (client, name, when = () => true) =>
  new Promise((resolve) => {
    const stop = client.on(name, (payload) => when(payload) && (stop(), resolve(payload)));
  });

const ann = new Client({ url: `ws://127.0.0.1:${proxy.address().port}/ws` });
const bob = new Client({ url: `ws://127.0.0.1:${port}/ws`, guest: null });
const heard = [];
const seats = [];
ann.on("joined", ({ player_id, resumed }) => seats.push({ player_id, resumed }));
ann.on("chat", ({ text }) => heard.push(text));

const { room_id } = await ann.join({ name: "Ann", options: { create: true } });
await bob.join({ name: "Bob", room: room_id });
let said = 0;
const say = () => bob.chat(String(++said));
for (let round = 0; round < CUTS; round += 1) {
  // In the middle of the line before, or after it.
  const told = happens(bob, "player_changed", ({ name, away }) => name === "Ann" && away);
  say();
  if (round % 2 === 0) await happens(ann, "chat", ({ text }) => text === String(said));
  const back = happens(ann, "joined");
  cut();
  await told;
  say();
  // Instead of waiting as long as the backoff has it.
  ann.retryNow();
  await back;
}
say();
if (!heard.includes(String(said))) await happens(ann, "chat", ({ text }) => text === String(said));
await happens(ann, "state");
const report = { said, heard, seats, playing: ann.playing, state: ann.state !== null };
ann.leave();
bob.leave();
proxy.close();
console.log(JSON.stringify(report));
process.exit(0);
