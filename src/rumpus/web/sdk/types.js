/**
 * The messages of `rumpus.v1.json`, as JSDoc types, written down once for the whole SDK. This module has no code.
 *
 * @typedef {{player_id: string, name: string, team: string | null, bot: boolean}} Player
 *
 * @typedef {"waiting" | "in-progress" | "ended"} RoomStatus
 *
 * @typedef {{
 *   player_id: string, room_id: string, game: string, tick_rate: number, send_rate: number, tick: number,
 *   status: RoomStatus, settings: Record<string, any>, players: Player[], session?: string,
 *   max_players: number, min_players: number, start: string, teams: string[], private: boolean,
 *   schema?: {input?: any},
 * }} Joined
 *
 * @typedef {{player_id: string, name: string, team?: string | null, score: number, rank: number}} Result
 * @typedef {{tick: number, reason: string, results: Result[], next_in: number}} GameOver
 * @typedef {{tick: number, name: string, data: Record<string, any>}} GameEvent
 * @typedef {{player_id: string, text: string, name: string}} ChatLine
 * @typedef {{level: string, text: string}} Notice
 * @typedef {{code: string, message: string}} ServerError
 *
 * @typedef {{
 *   room_id: string, game: string, status: RoomStatus, players: number, max_players: number,
 *   settings: Record<string, any>, bots?: number, open?: boolean,
 * }} PublicRoom
 *
 * @typedef {{name: string, room?: string, options?: Record<string, any>}} JoinRequest
 *
 * The life of a connection: `idle` (never joined, or left), `connecting`, `joined`, `reconnecting` (it broke and is being
 * tried again), `closed` (given up: see the `closed` event for why).
 * @typedef {"idle" | "connecting" | "joined" | "reconnecting" | "closed"} Connection
 *
 * @typedef {{
 *   connection: {connection: Connection, attempt: number, retryAt: number},
 *   joined: Joined & {again: boolean},
 *   players: Player[],
 *   player_joined: Player,
 *   player_left: {player: Player, reason: string},
 *   player_changed: Player,
 *   game_started: {tick: number, settings: Record<string, any>},
 *   state: {tick: number, state: any},
 *   event: GameEvent,
 *   game_over: GameOver,
 *   room_reset: {},
 *   chat: ChatLine,
 *   notice: Notice,
 *   error: ServerError,
 *   closed: ServerError,
 *   rtt: number,
 * }} ClientEvents
 */

export {};
