/** Results that last, as the server tells them over HTTP. Every failure is one sentence that can be shown. */

/**
 * Points where ratings are told; times in seconds, moments since 1970.
 *
 * @typedef {{rank: number, account: string, name: string, rating: number, matches: number, wins: number, score: number, best: number}} Standing
 * @typedef {{game: string, season: string, mode: string, players: number, offset: number, rows: Standing[], seasons: string[], modes: string[]}} Leaderboard
 * @typedef {{account: string, game: string, name: string, rating: number, rank: number | null, matches: number, wins: number, score: number, best: number}} Profile
 * @typedef {{account: string | null, name: string, bot: boolean, team: string | null, score: number, rank: number, rating_before: number | null, rating_after: number | null}} Seat
 * @typedef {{match_id: string, mode: string, season: string, reason: string, started_at: number, ended_at: number, duration: number, unrated: string | null, own: Seat, players: number, others: Seat[]}} OwnMatch
 * @typedef {{account: string, game: string, matches: OwnMatch[], next: string | null}} History
 */

export class NoAnswer extends Error {
  /**
   * @param {string} message
   * @param {number} [status] of the answer; 0 without one
   */
  constructor(message, status = 0) {
    super(message);
    this.status = status;
  }
}

/** How long a page waits for the server. */
const PATIENCE = 10_000;

/**
 * @param {string} path such as "/api/leaderboard"
 * @param {Record<string, string | number | undefined>} [query] what is empty is left out
 * @param {AbortSignal} [signal]
 * @returns {Promise<any>}
 */
export async function ask(path, query = {}, signal) {
  const address = new URL(path, location.origin);
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && value !== "") address.searchParams.set(name, String(value));
  let response;
  try {
    const patience = AbortSignal.timeout(PATIENCE);
    response = await fetch(address, {
      cache: "no-store",
      signal: signal ? AbortSignal.any([signal, patience]) : patience,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new NoAnswer("The server does not answer. Check your connection and try again.");
  }
  const json = response.headers.get("Content-Type")?.includes("json") ?? false;
  if (response.ok && json) return response.json();
  // What is not there is said in JSON; a server that keeps no results knows nothing of these addresses.
  if (response.status === 404 && json) throw new NoAnswer("There is nothing of the kind here.", 404);
  if (response.status === 404) throw new NoAnswer("This server keeps no results.", 501);
  if (response.status === 503)
    throw new NoAnswer("The results cannot be read at the moment. Try again in a minute.", 503);
  throw new NoAnswer("The server could not answer that.", response.status);
}
