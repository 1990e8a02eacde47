/**
 * A vote that is running, as a card at the edge of the screen: what it is about, the choices with their keys and how many
 * are for each, and how much time is left. It takes no focus, for one may be in the middle of a fight.
 */
import { isTyping } from "../ui/typing.js";
import { byId, capital, icon, make, setText, show } from "../ui/dom.js";
import { toast } from "../ui/toasts.js";

/** @typedef {import("../sdk/rumpus.js").Client} Client */
/** @typedef {NonNullable<Client["currentVote"]>} Vote */
/** @typedef {import("../ui/words.js").Words} Words */

export class VoteCard {
  #box = byId("vote-card");
  /** What is on the card, to tell whether it is there already. */
  #drawn = "";
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;
  #about = "";

  /**
   * @param {Client} client
   * @param {{elsewhere: (vote: Vote) => boolean, sound: () => void, words: () => Words}} actions `elsewhere`: whether
   *   this vote is shown in another place of the page right now
   */
  constructor(client, actions) {
    this.client = client;
    this.actions = actions;
    client.on("vote", ({ stage, vote, chosen }) => {
      if (stage === "started" && !this.actions.elsewhere(/** @type {Vote} */ (vote))) actions.sound();
      if (stage === "ended") this.#tell(vote, chosen ?? null);
      this.draw();
    });
    window.addEventListener("keydown", (event) => {
      const index = Number(event.key) - 1;
      const vote = this.client.currentVote;
      if (!vote || !(index >= 0 && index < vote.choices.length) || isTyping(event.target)) return;
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || !this.#mayVote(vote)) return;
      event.preventDefault();
      this.client.vote(vote.id, index);
      this.draw();
    });
  }

  draw() {
    const vote = this.client.currentVote;
    const shown = vote !== null && !this.actions.elsewhere(vote) && !this.client.spectating;
    show(this.#box, shown);
    clearInterval(this.#timer);
    if (!shown) {
      this.#drawn = "";
      return;
    }
    this.#timer = setInterval(() => this.#drawTime(), 100);
    const key = JSON.stringify([vote.id, vote.counts, vote.mine, vote.needed]);
    if (key !== this.#drawn) {
      this.#drawn = key;
      this.#about = question(this.client, vote, this.actions.words());
      this.#fill(vote);
    }
    this.#drawTime();
  }

  /** @param {Vote} vote */
  #fill(vote) {
    const by = vote.by ? this.client.players.get(vote.by)?.name : "";
    const focused = this.#box.contains(document.activeElement);
    const choices = vote.choices.map((text, index) =>
      choice(
        vote,
        text,
        index,
        () => {
          this.client.vote(vote.id, index);
          this.draw();
        },
        !this.#mayVote(vote),
      ),
    );
    this.#box.replaceChildren(
      make("p", {
        class: "eyebrow",
        text: vote.by === this.client.playerId ? "Your vote" : by ? `${by} calls a vote` : "A vote",
      }),
      make("h3", { text: this.#about }),
      make("div", { class: "vote-choices" }, ...choices),
      make(
        "p",
        { class: "vote-foot" },
        make("span", {
          id: "vote-needed",
          text: `${vote.needed} ${vote.needed === 1 ? "vote decides" : "votes decide"}`,
        }),
        make("span", { id: "vote-left" }),
      ),
      make("i", { class: "next-bar" }, make("b", { id: "vote-bar" })),
    );
    if (focused) choices[Math.max(0, vote.mine ?? 0)].focus();
  }

  /** Nobody votes about their own seat. @param {Vote} vote */
  #mayVote(vote) {
    return !this.client.spectating && !(vote.kind === "kick" && vote.player_id === this.client.playerId);
  }

  #drawTime() {
    const vote = this.client.currentVote;
    const bar = document.getElementById("vote-bar");
    if (!vote || !bar) return;
    const left = Math.max(0, (vote.endsAt - performance.now()) / 1000);
    setText(byId("vote-left"), `${Math.ceil(left)} s`);
    bar.style.transform = `scaleX(${vote.ends_in > 0 ? Math.min(1, left / vote.ends_in) : 0})`;
  }

  /**
   * @param {import("../sdk/types.js").Vote} vote
   * @param {number | null} chosen
   */
  #tell(vote, chosen) {
    if (vote.kind === "next") return;
    const name = vote.player_id ? (this.client.players.get(vote.player_id)?.name ?? "the player") : "";
    if (vote.kind === "kick") toast(chosen === 0 ? `Voted: ${name} has to go.` : `Voted: ${name} stays.`);
    else toast(chosen === null || chosen !== 0 ? "Voted: everything stays as it is." : "Voted: the settings change.");
  }
}

/**
 * @param {Client} client
 * @param {Vote} vote
 * @param {Words} words
 */
function question(client, vote, words) {
  if (vote.kind === "kick") {
    if (vote.player_id === client.playerId) return "Remove you from the room?";
    return `Remove ${client.players.get(vote.player_id ?? "")?.name ?? "this player"} from the room?`;
  }
  if (vote.kind === "next") return "What comes next?";
  const changes = vote.settings?.[0];
  return changes && Object.keys(changes).length > 0 ? `Change to ${words.changes(changes)}?` : "Change the settings?";
}

/**
 * A button to vote for something, with its key and the votes it has.
 *
 * @param {Vote} vote
 * @param {string} text
 * @param {number} index
 * @param {() => void} choose
 * @param {boolean} [closed]
 * @returns {HTMLButtonElement}
 */
export function choice(vote, text, index, choose, closed = false) {
  const count = vote.counts[index] ?? 0;
  const mine = vote.mine === index;
  const element = /** @type {HTMLButtonElement} */ (
    make(
      "button",
      {
        type: "button",
        class: mine ? "vote-choice mine" : "vote-choice",
        "aria-pressed": String(mine),
        "data-testid": `vote-${index}`,
      },
      make("kbd", { text: String(index + 1) }),
      make("span", { class: "what", text: capital(text) }),
      ...(mine ? [icon("check")] : []),
      make("b", { text: String(count), "aria-label": count === 1 ? "1 vote" : `${count} votes` }),
    )
  );
  element.style.setProperty("--share", String(Math.min(1, count / Math.max(1, vote.needed))));
  element.disabled = closed;
  element.addEventListener("click", choose);
  return element;
}
