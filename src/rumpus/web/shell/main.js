/**
 * The page: which screen is shown, and what leads from one to another.
 *
 * All screens are in index.html from the start; this module decides, from the room's status and the connection, which
 * of them is seen. What is seen of the game itself is a matter of its view (stage.js).
 */
import { Client, partyCode, roomCode } from "../sdk/rumpus.js";
import { byId, setText, show } from "../ui/dom.js";
import { Colours } from "../ui/palette.js";
import { BEEP, CHAT, CLICK, Sounds } from "../ui/sounds.js";
import { toast } from "../ui/toasts.js";
import { isTyping } from "../ui/typing.js";
import { Views } from "../views/registry.js";
import { Chat } from "./chat.js";
import { RoomMenu } from "./menu.js";
import { sentence } from "./messages.js";
import { NetGraph } from "./net-graph.js";
import { TitlePages } from "./pages.js";
import { PartyPanel } from "./party-panel.js";
import { PauseOverlay } from "./pause.js";
import { QueueOverlay } from "./queue.js";
import { ResultsScreen } from "./results.js";
import { RoomBrowser } from "./room-browser.js";
import { known, Seat } from "./seat.js";
import { SoundButton } from "./sound-button.js";
import { Stage } from "./stage.js";
import { TitleScreen } from "./title.js";
import { VoteCard } from "./vote-card.js";
import { WaitingRoom } from "./waiting.js";

/** @typedef {import("./stage.js").Status} Status */

const client = new Client();
const sounds = new Sounds(SoundButton.wasMuted);
const colours = new Colours();
const netGraph = new NetGraph(client);

/** @type {Status} */
let status = "title";

const views = new Views({
  client,
  stage: byId("stage", HTMLCanvasElement),
  sounds,
  colours,
  leave,
  openMenu: () => menu.open(sounds.muted),
  openChat: () => chat.focus(),
  toggleNetGraph: () => netGraph.toggle(),
  askPause: () => pause.ask(),
  firstPicture: () => stage.show(status),
});
const stage = new Stage(client, views);

const colour = (/** @type {import("../sdk/types.js").Player} */ player) => colours.of(player.player_id, player.team);
const words = (/** @type {string | undefined} */ game) => views.of(game).words;
const roomWords = () => stage.view.words;
const title = new TitleScreen(stage.view, {
  join: (request) => void seat.join(request),
  enterParty: (code) => void enterParty(code),
});
const seat = new Seat(client, title, {
  lost: () => setStatus("lost"),
  title: () => setStatus("title"),
  leave,
  click: () => sounds.play(CLICK),
});
const party = new PartyPanel(client, {
  name: () => title.name,
  failed: (error) => title.problem(sentence(known(error))),
});
const pages = new TitlePages(client, { play, words });
const rooms = new RoomBrowser(client, {
  join: (room) => title.ask({ room }),
  watch: (room) => title.ask({ room, role: "spectator" }),
  play,
  game: (game) => title.adaptTo(views.of(game)),
  words,
});
const waiting = new WaitingRoom(client, { leave, colour, beep: () => sounds.play(BEEP), words: roomWords });
const results = new ResultsScreen(client, {
  leave,
  colour: (id, team) => colours.of(id, team),
  view: () => stage.view,
});
const votes = new VoteCard(client, {
  elsewhere: (vote) => vote.kind === "next" && results.shown,
  sound: () => sounds.play(CHAT),
  words: roomWords,
});
const pause = new PauseOverlay(client, { beep: () => sounds.play(BEEP), changed: () => menu.draw() });
const menu = new RoomMenu(client, pause, {
  leave,
  toggleSound: () => sound.toggle(),
  toggleNetGraph: () => netGraph.toggle(),
  opened: (open) => stage.view.typing(open),
  colour,
});
const sound = new SoundButton(sounds, (muted) => menu.showSound(muted));
const chat = new Chat(client, {
  colour: (id) => colours.of(id, client.players.get(id)?.team),
  typing: (typing) => {
    document.body.toggleAttribute("data-typing", typing);
    stage.view.typing(typing);
  },
  sound: () => sounds.play(CHAT),
});
new QueueOverlay(client);

function play() {
  location.hash = "";
  byId("quick-play").click();
}

/** @param {string} code */
async function enterParty(code) {
  if (await party.enter(code)) title.invite();
}

function leave() {
  client.leave();
  history.replaceState(null, "", "/");
  title.invite();
  setStatus("title");
}

/** Show what belongs to the room's status. */
function followRoom() {
  const { room } = client;
  if (!room) return setStatus("title");
  if (room.status === "waiting") return setStatus("waiting");
  if (room.status === "ended" && client.lastResults) return setStatus("results");
  // Joined while results are shown to the others: the next round comes soon.
  setStatus(room.status === "ended" ? "waiting" : "playing");
}

/** @param {Status} next */
function setStatus(next) {
  status = next;
  document.body.dataset.status = next;
  document.body.toggleAttribute("data-spectating", client.spectating);
  stage.show(next);
  if (next !== "lost") seat.close();
  if (next !== "playing") menu.close();
  if (next === "title") {
    title.open();
    pages.open();
    rooms.start();
  } else {
    title.close();
    pages.close();
    rooms.stop();
  }
  const own = stage.view.showsRoom;
  if (next === "waiting" && !own) waiting.open();
  else waiting.close();
  if (next === "results" && !own && client.lastResults) results.open(client.lastResults);
  else if (next !== "lost") results.close();
  chat.show(next === "waiting" || next === "playing" || next === "results");
  if (next === "title") chat.clear();
  netGraph.follow();
  pause.draw();
  votes.draw();
}

client.on("joined", (joined) => {
  colours.selfId = joined.player_id;
  history.replaceState(null, "", `/?room=${encodeURIComponent(joined.room_id)}`);
  stage.enter(joined);
  followRoom();
  if (joined.again && !joined.restarted)
    toast(joined.resumed ? "You are back." : "Your seat was gone. You have a new one in the same room.");
});
client.on("restarted", ({ again, same }) => {
  if (again) toast(`The server was restarted. You are in a new match${same ? ", in the same room" : ""}.`);
});
client.on("game_started", (started) => {
  stage.view.start(started);
  followRoom();
});
client.on("game_over", (over) => {
  stage.view.over(over);
  followRoom();
});
client.on("room_reset", () => {
  // With some start policies the next round begins in the same moment: no waiting room for the blink between.
  setTimeout(() => client.room?.status === "waiting" && followRoom(), 120);
});
client.on("players", (players) => colours.keep(players.map((player) => player.player_id)));
client.on("player_changed", (player) => {
  // Whoever is out watches the others from here on.
  if (player.player_id === client.playerId && status === "playing") stage.show(status);
});
client.on("watching", ({ starts_in }) => {
  const wait = Math.ceil(starts_in);
  if (status === "title") setText(byId("quick-play"), wait > 0 ? `The picture comes in ${wait} s` : "Joining…");
});
client.on("room_changed", ({ host }) => {
  if (host !== undefined && host === client.playerId) toast("You are the host now.");
});
client.on("rated", () => sounds.play(CHAT));
client.on("notice", ({ level, text, missed }) => {
  if (!missed) toast(text, level === "warning" ? "bad" : "info");
});
client.on("error", (error) => {
  if (error.code !== "bad_input") toast(sentence(error), "bad");
});

document.addEventListener("click", (event) => {
  if (event.target instanceof HTMLElement && event.target.closest(".button, .modes label") && !seat.joining)
    sounds.play(CLICK, 0.6);
});
window.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && status === "playing" && !stage.view.showsRoom && !isTyping(event.target)) {
    event.preventDefault();
    menu.toggle(sounds.muted);
  }
  if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (event.code === "KeyM") sound.toggle();
  if (event.code === "F3" || event.code === "KeyN") {
    // Browsers search the page with F3, which has nothing to find on it.
    event.preventDefault();
    netGraph.toggle();
  }
});
window.addEventListener("resize", () => stage.view.resize());
// iOS zooms on a double tap and on a pinch even where the viewport forbids it.
document.addEventListener("gesturestart", (event) => event.preventDefault());

const address = new URLSearchParams(location.search);
const invitation = {
  room: roomCode(address.get("room") ?? ""),
  party: partyCode(address.get("party") ?? ""),
  seat: address.get("seat") ?? "",
};
title.invite(invitation);
show(byId("stage"), true);
// A link to another room than the one that was left is what the player wants now.
if (client.canResume() && (!invitation.room || invitation.room === client.kept?.room) && !invitation.party)
  void seat.resume();
else setStatus("title");

// What end-to-end tests look at; the page itself never reads it.
Object.defineProperty(window, "rumpus", {
  value: Object.freeze({
    client,
    get status() {
      return status;
    },
    get playerId() {
      return client.playerId;
    },
    get roomId() {
      return client.room?.room_id ?? "";
    },
    view: () => stage.view.drawn(),
    netGraph: () => netGraph.reading,
  }),
});
