/** The party: friends who go from room to room together. Its leader chooses where; the others are taken along. */
import { partyLink } from "../sdk/rumpus.js";
import { copyText } from "../ui/clipboard.js";
import { badge, byId, button, make, refill } from "../ui/dom.js";
import { toast } from "../ui/toasts.js";

export class PartyPanel {
  #box = byId("party");

  /**
   * @param {import("../sdk/rumpus.js").Client} client
   * @param {{name: () => string, failed: (error: unknown) => void}} actions
   */
  constructor(client, actions) {
    this.client = client;
    this.actions = actions;
    client.on("party", () => this.draw());
    client.on("party_left", ({ reason }) => {
      this.draw();
      if (reason !== "left") toast("The party is over.");
    });
    this.draw();
  }

  /** @param {string} code */
  async enter(code) {
    try {
      await this.client.enterParty(code, this.actions.name());
      return true;
    } catch (error) {
      this.actions.failed(error);
      return false;
    }
  }

  draw() {
    const { party } = this.client;
    document.body.toggleAttribute("data-party", party !== null);
    refill(this.#box, party ? this.#members(party) : this.#offer());
  }

  #offer() {
    const start = button(
      "Start a party",
      { icon: "people", "data-testid": "party-create", "data-key": "start" },
      async () => {
        start.disabled = true;
        try {
          await this.client.createParty(this.actions.name());
        } catch (error) {
          this.actions.failed(error);
        }
        start.disabled = false;
      },
    );
    return [
      make("header", {}, make("h2", { id: "party-title", text: "Party" })),
      make("p", { class: "quiet-text", text: "Go from match to match with your friends, always on the same team." }),
      start,
    ];
  }

  /** @param {NonNullable<import("../sdk/rumpus.js").Client["party"]>} party */
  #members(party) {
    const link = partyLink(party.code);
    const field = /** @type {HTMLInputElement} */ (
      make("input", {
        readonly: "",
        "aria-label": "Link to this party",
        "data-testid": "party-link",
        "data-key": "link",
      })
    );
    field.value = link;
    field.addEventListener("focus", () => field.select());
    const copy = button("Copy", { icon: "copy", "data-key": "copy" }, async () =>
      toast(
        (await copyText(link, field)) ? "Link copied. Send it to your friends." : "Copy the selected link by hand.",
      ),
    );
    const others = party.members.length - 1;
    return [
      make(
        "header",
        {},
        make(
          "h2",
          { id: "party-title" },
          "Party ",
          make("span", { class: "code", text: party.code, "data-testid": "party-code" }),
        ),
        button("Leave", { class: "link", "data-key": "leave", "data-testid": "party-leave" }, () =>
          this.client.leaveParty(),
        ),
      ),
      make(
        "ul",
        { class: "people", "data-testid": "party-members" },
        ...party.members.map((member) => {
          const line = make("li", {
            class: member.id === party.you ? "person you" : member.here ? "person" : "person away",
          });
          line.append(make("i", { class: "dot" }), make("span", { class: "who", text: member.name }));
          if (member.id === party.leader) line.append(badge("crown", "leads"));
          if (member.id === party.you) line.append(make("small", { text: "you" }));
          else if (!member.here) line.append(make("small", { text: "reconnecting" }));
          else if (member.room_id) line.append(make("small", { text: `in ${member.room_id}` }));
          return line;
        }),
      ),
      make("div", { class: "share-row" }, field, copy),
      make("p", {
        class: "quiet-text",
        text: party.leads
          ? others > 0
            ? "You lead: wherever you go, the others come with you."
            : "Send the link to your friends. You choose where to play."
          : "The leader chooses where you all play. Lean back.",
      }),
    ];
  }
}
