/** The kill feed: who brought down whom and with what, newest last, each line for a few seconds. */
import { byId, make } from "../../ui/dom.js";
import { ENEMIES, RAIL } from "./palette.js";

const KEEP = 5;
const SHOWN = 6000;

/** @param {import("./types.js").Cast} cast */
export function createFeed(cast) {
  const list = byId("feed");

  /**
   * @param {string} id
   * @param {string} team
   */
  const player = (id, team) => {
    const name = make("span", { text: cast.name(id) });
    name.style.color = cast.colour(id, team);
    return name;
  };

  return {
    /**
     * @param {{killer: string, victim: string, killer_kind: string, weapon?: string}} kill
     * @param {(id: string) => string} teamOf
     */
    add({ killer, victim, killer_kind, weapon }, teamOf) {
      const line = make("li", { class: killer === cast.selfId || victim === cast.selfId ? "mine" : "" });
      if (killer_kind === "player" && killer && killer !== victim) line.append(player(killer, teamOf(killer)));
      else if (killer_kind === "enemy") {
        const enemy = make("span", { text: "Enemy" });
        enemy.style.color = ENEMIES.chaser;
        line.append(enemy);
      }
      line.append(weapon === "rail" ? rail() : arrow(), player(victim, teamOf(victim)));
      list.append(line);
      while (list.children.length > KEEP) list.firstElementChild?.remove();
      setTimeout(() => line.classList.add("old"), SHOWN);
      setTimeout(() => line.remove(), SHOWN + 500);
    },
    clear: () => list.replaceChildren(),
  };
}

/** A small gun, pointing from the winner to the loser. */
function arrow() {
  return mark("M1 6h15M12 1.5l5 4.5-5 4.5M20.500 2v8", "brought down");
}

/** A beam within its spiral. */
function rail() {
  const svg = mark("M1 6h20M3 6q2.500-7 5 0t5 0 5 0M3 6q2.500 7 5 0t5 0 5 0", "brought down by rail");
  svg.style.stroke = RAIL;
  return svg;
}

/**
 * @param {string} drawing a path in a box of 22 by 12
 * @param {string} label
 */
function mark(drawing, label) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 22 12");
  svg.setAttribute("aria-label", label);
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", drawing);
  svg.append(path);
  return svg;
}
