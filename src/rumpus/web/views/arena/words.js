/** What Arena calls its modes, settings and endings. */
import { Words } from "../../ui/words.js";

export const words = new Words({
  modes: { ffa: "Free for all", teams: "Teams", elimination: "Elimination", coop: "Co-op" },
  reasons: { waves_cleared: "All waves cleared", defeated: "The enemies have won" },
  offered: { enemies: [null, 0, 4, 8, 16] },
  value: (name, value) => (name === "enemies" && value === 0 ? "none" : undefined),
  // Each mode has its own way to win: by score, or by lives.
  matters: (name, { mode }) => {
    if (name === "score_limit") return mode !== "coop" && mode !== "elimination";
    if (name === "lives") return mode === "coop" || mode === "elimination";
    return true;
  },
});
