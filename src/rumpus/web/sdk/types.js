/**
 * The messages of the protocol, as JSDoc types, written down once for the whole SDK. This module has no code.
 *
 * @typedef {{player_id: string, name: string, team: string | null, bot: boolean}} Player
 *
 * @typedef {"waiting" | "in-progress" | "ended"} RoomStatus
 *
 * @typedef {{
 *   player_id: string, room_id: string, game: string, tick_rate: number, send_rate: number, tick: number,
 *   status: RoomStatus, settings: Record<string, any>, players: Player[], session?: string,
 *   max_rewind?: number, input_hold?: number, max_players: number, min_players: number, start: string, teams: string[], private: boolean,
 *   schema?: {input?: any, tables?: TableSchema[]}, static?: Record<string, any> | null,
 * }} Joined
 *
 * A column of a game's tables. Its values travel as whole numbers n from 0: `fixed` is min + n * step, `int` min + n,
 * `angle` n parts of 2^bits of a turn, `choice` of[n]; `bytes` is the width of n. One that `moves` is predicted.
 * @typedef {{name: string, type: "fixed", step: number, min: number, max: number, bytes: number, moves: boolean}} FixedColumn
 * @typedef {{name: string, type: "angle", bits: number, bytes: number, moves: boolean}} AngleColumn
 * @typedef {{name: string, type: "int", min: number, max: number, bytes: number, moves: boolean}} IntColumn
 * @typedef {{name: string, type: "choice", of: string[], bytes: number, moves?: boolean}} ChoiceColumn
 * @typedef {{name: string, type: "flag"} | {name: string, type: "text"}} PlainColumn
 * @typedef {FixedColumn | AngleColumn | IntColumn | ChoiceColumn | PlainColumn} ColumnSchema
 *
 * `key`: the letters before a row's number in its id; null where ids are texts. A `single` table has one row, whose
 * fields stand at the top of the plain state.
 * @typedef {{name: string, key: string | null, single: boolean, columns: ColumnSchema[]}} TableSchema
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
 *   game_started: {tick: number, settings: Record<string, any>, static?: Record<string, any>},
 *   state: {tick: number, readonly state: any},
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
