/**
 * The page: which screen is shown, and what leads from one to another.
 *
 * All screens are in index.html from the start; this module decides, from the room's status and the connection, which
 * of them is seen. Arena draws its own matches; any other game is shown by the generic view.
 */
import { Attract } from "../arena/attract.js";
import { isTyping } from "../arena/controls.js";
import { Match } from "../arena/match.js";
import { Colours } from "../arena/palette.js";
import { Sounds } from "../arena/sounds.js";
import { GenericView } from "../generic/view.js";
import { Client, roomCode, RumpusError } from "../sdk/rumpus.js";
import { Chat } from "./chat.js";
import { byId, MODE_NAMES, show } from "./dom.js";
import { RoomMenu } from "./menu.js";
import { LostOverlay } from "./lost.js";
import { sentence } from "./messages.js";
import { NetGraph } from "./net-graph.js";
import { ResultsScreen } from "./results.js";
import { recall, remember } from "./storage.js";
import { TitleScreen } from "./title.js";
import { toast } from "./toasts.js";
import { WaitingRoom } from "./waiting.js";

/** @typedef {"title" | "waiting" | "playing" | "results" | "lost"} Status */

const stage = byId("stage", HTMLCanvasElement);
const client = new Client();
const sounds = new Sounds(recall("muted") === "yes");
const colours = new Colours();
const attract = new Attract(stage);
const match = new Match(client, stage, { sounds, colours, firstPicture: () => showBackdrop(status) });
const netGraph = new NetGraph(client);
const generic = new GenericView(client, { leave, toggleNetGraph: () => netGraph.toggle() });

/** @type {Status} */
let status = "title";
let joining = false;

const title = new TitleScreen((request) => void join(request));
const waiting = new WaitingRoom(client, {
  leave,
  colour: (player) => colours.of(player.player_id, player.team),
  beep: () => sounds.play("beep"),
});
const results = new ResultsScreen(client, {
  leave,
  colour: (id, team) => colours.of(id, team),
  details: (id) => {
    const line = client.state?.scores?.[id];
    return line?.kills === undefined ? null : { kills: line.kills, deaths: line.deaths };
  },
});
const lost = new LostOverlay({ retry: () => client.retryNow(), leave });
const menu = new RoomMenu(client, {
  leave,
  toggleSound,
  toggleNetGraph: () => netGraph.toggle(),
  opened: (open) => match.typing(open),
});
const chat = new Chat(client, {
  colour: (id) => colours.of(id, client.players.get(id)?.team),
  typing: (typing) => {
    document.body.toggleAttribute("data-typing", typing);
    match.typing(typing);
  },
  sound: () => sounds.play("chat"),
});

/** Whether this room's game is the one that has its own picture. */
function isArena() {
  return (client.room?.game ?? "arena") === "arena";
}

/** @param {import("../sdk/types.js").JoinRequest} request */
async function join(request) {
  if (joining) return;
  joining = true;
  title.busy(true);
  sounds.play("click");
  try {
    await client.join(request);
  } catch (error) {
    const problem = error instanceof RumpusError ? error : new RumpusError("", String(error));
    // Another game than Arena knows nothing of Arena's settings: it is joined on its own terms.
    const { settings, ...options } = request.options ?? {};
    if (problem.code === "bad_settings" && settings && !request.room) {
      joining = false;
      return join({ ...request, options });
    }
    if (problem.code === "room_not_found") title.invite("");
    title.busy(false);
    if (problem.code !== "left") title.problem(sentence(problem));
  } finally {
    joining = false;
  }
}

function leave() {
  client.leave();
  history.replaceState(null, "", "/");
  title.invite("");
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
  document.body.dataset.game = isArena() ? "arena" : "generic";
  if (next !== "lost") lost.close();
  if (next !== "playing") menu.close();
  if (next === "title") title.open();
  else title.close();
  // The generic view shows every status of a room on the one screen it has.
  const arena = isArena();
  if (next === "waiting" && arena) waiting.open();
  else waiting.close();
  if (next === "results" && arena && client.lastResults) results.open(client.lastResults);
  else if (next !== "lost") results.close();
  chat.show(next === "waiting" || next === "playing" || next === "results");
  showBackdrop(next);
  netGraph.follow();
}

/** @param {Status} next */
function showBackdrop(next) {
  if (next === "title") {
    generic.stop();
    match.stop();
    chat.clear();
  }
  if (next === "waiting") match.stop();
  // Until the first state has come there is nothing else to show.
  const loading = isArena() && !match.ready && next === "playing";
  document.body.toggleAttribute("data-loading", loading);
  if (isArena() && (next === "title" || next === "waiting" || loading)) attract.start();
  else attract.stop();
  match.play(next === "playing" && isArena());
}

client.on("joined", (joined) => {
  colours.selfId = joined.player_id;
  history.replaceState(null, "", `/?room=${encodeURIComponent(joined.room_id)}`);
  if (isArena()) match.stop();
  else generic.start();
  if (isArena() && joined.status === "in-progress") match.start();
  followRoom();
  if (joined.again) toast("You are back.");
});
client.on("game_started", ({ settings }) => {
  if (isArena()) {
    match.start();
    sounds.play("go");
  }
  followRoom();
  if (isArena() && !recall("hinted")) {
    remember("hinted", "yes");
    const touch = matchMedia("(pointer: coarse)").matches;
    toast(
      touch
        ? "Left thumb moves, right thumb aims and fires. Pull the small ring for the rail."
        : `${MODE_NAMES[settings?.mode] ?? "Arena"}: move with WASD, fire with the mouse, rail with its right button.`,
    );
  }
});
client.on("game_over", (over) => {
  if (isArena()) sounds.play("over");
  followRoom();
  if (!isArena()) toast(over.results[0] ? `Game over. First: ${over.results[0].name}.` : "Game over.");
});
client.on("room_reset", () => {
  // With some start policies the next round begins in the same moment: no waiting room for the blink between.
  setTimeout(() => client.room?.status === "waiting" && followRoom(), 120);
});
client.on("players", (players) => colours.keep(players.map((player) => player.player_id)));
client.on("notice", ({ level, text }) => toast(text, level === "warning" ? "bad" : "info"));
client.on("error", (error) => {
  if (error.code !== "bad_input") toast(sentence(error), "bad");
});
client.on("connection", ({ connection, attempt, retryAt }) => {
  if (connection !== "reconnecting") return;
  setStatus("lost");
  lost.open(attempt, retryAt);
});
client.on("closed", (problem) => {
  history.replaceState(null, "", "/");
  title.invite("");
  setStatus("title");
  title.problem(
    problem.code === "room_not_found"
      ? "Your room is gone: the server was restarted, or the room has closed."
      : sentence(problem),
  );
});

function toggleSound() {
  sounds.muted = !sounds.muted;
  remember("muted", sounds.muted ? "yes" : "no");
  showSound();
  menu.showSound(sounds.muted);
  sounds.play("click");
}

function showSound() {
  for (const button of document.querySelectorAll(".mute")) {
    button.setAttribute("aria-pressed", String(sounds.muted));
    button.setAttribute("aria-label", sounds.muted ? "Sound is off" : "Sound is on");
    button.querySelector("img")?.setAttribute("src", sounds.muted ? "/icons/mute.svg" : "/icons/sound.svg");
  }
}

for (const button of document.querySelectorAll(".mute")) button.addEventListener("click", toggleSound);
byId("hud-leave").addEventListener("click", leave);
byId("hud-menu").addEventListener("click", () => menu.open(sounds.muted));
byId("hud-chat").addEventListener("click", () => chat.focus());
document.addEventListener("click", (event) => {
  if (event.target instanceof HTMLElement && event.target.closest(".button, .modes label") && !joining)
    sounds.play("click", 0.6);
});
window.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && status === "playing" && isArena() && !isTyping(event.target)) {
    event.preventDefault();
    menu.toggle(sounds.muted);
  }
  if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (event.code === "KeyM") toggleSound();
  if (event.code === "F3" || event.code === "KeyN") {
    // Browsers search the page with F3, which has nothing to find on it.
    event.preventDefault();
    netGraph.toggle();
  }
});
window.addEventListener("resize", () => {
  attract.resize();
  match.resize();
});
// iOS zooms on a double tap and on a pinch even where the viewport forbids it.
document.addEventListener("gesturestart", (event) => event.preventDefault());

showSound();
title.invite(roomCode(new URLSearchParams(location.search).get("room") ?? ""));
setStatus("title");
show(byId("stage"), true);

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
    view: () => match.view(),
    netGraph: () => netGraph.reading,
  }),
});
