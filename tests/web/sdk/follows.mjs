/**
 * Two guests of the SDK in a party at a real server (its port is the argument): Ann leads, Ben follows, and then the other
 * way round. Prints, as JSON, the players of each room as the one who was led there sees them.
 */
import { Client } from "../../../src/rumpus/web/sdk/rumpus.js";

const url = `ws://127.0.0.1:${process.argv[2]}/ws`;
const ann = new Client({ url, guest: "a".repeat(16) });
const ben = new Client({ url, guest: "b".repeat(16) });
const happens = (client, name, when = () => true) =>
  new Promise((resolve) => {
    const stop = client.on(name, (payload) => when(payload) && (stop(), resolve(payload)));
  });

const { code } = await ann.createParty("Ann");
await ben.enterParty(code, "Ben");
const rooms = [];

const followed = happens(ben, "joined");
await ann.join({ name: "Ann", options: { create: true } });
rooms.push((await followed).players);

const leads = happens(ben, "party", (party) => party?.leads);
ann.leaveParty();
await leads;
await ann.enterParty(code, "Ann");
const led = happens(ann, "joined");
await ben.join({ name: "Ben", options: { create: true } });
rooms.push((await led).players);

process.stdout.write(JSON.stringify(rooms));
ann.disconnect();
ben.disconnect();
