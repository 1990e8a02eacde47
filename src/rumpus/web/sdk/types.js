/**
 * The messages of the protocol, as JSDoc types, written down once for the whole SDK. This module has no code.
 *
 * `away`: the connection is lost, the seat is held. `out`: plays no more in this match. `rating`: points, if known.
 * `signed`: the name is that of a ticket, so nobody else in the room has it, or one like it.
 * @typedef {{
 *   player_id: string, name: string, team: string | null, bot: boolean, away: boolean, out: boolean, ready: boolean,
 *   rating: number | null, signed: boolean,
 * }} Player
 *
 * @typedef {"waiting" | "in-progress" | "ended"} RoomStatus
 *
 * @typedef {{
 *   player_id: string, room_id: string, game: string, tick_rate: number, send_rate: number, tick: number,
 *   status: RoomStatus, settings: Record<string, any>, players: Player[], session?: string,
 *   max_rewind?: number, input_hold?: number, max_players: number, min_players: number, start: string, teams: string[], private: boolean,
 *   schema?: {input?: any, settings?: any, tables?: TableSchema[]}, static?: Record<string, any> | null,
 *   role: "player" | "spectator", resumed: boolean, serial: number, host: string | null, locked: boolean, paused: boolean,
 *   can_pause: boolean, title: string, language: string | null, bots: number, spectators: number, spectator_delay: number,
 *   reconnect_time: number, votes: Vote[], rating: number | null,
 * }} Joined
 *
 * `ends_in`: seconds. `needed`: votes for a choice that decide at once. `settings`: by choice, what it would change.
 * @typedef {{
 *   id: number, kind: "kick" | "settings" | "next", by: string | null, player_id: string | null, choices: string[],
 *   settings: Record<string, any>[] | null, ends_in: number, needed: number, counts: number[],
 * }} Vote
 *
 * `mine`: the own choice. `endsAt`: local time, milliseconds as performance.now().
 * @typedef {Vote & {mine: number | null, endsAt: number}} RunningVote
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
 * `missed`, here and below: told late, after the player has come back.
 * @typedef {{tick: number, reason: string, results: Result[], next_in: number, match_id?: string, secret_seed?: string, missed?: boolean, unrated?: string}} GameOver
 * @typedef {{player_id: string, before: number, after: number}} RatingChange
 * @typedef {{tick: number, name: string, data: Record<string, any>, missed?: boolean}} GameEvent
 * @typedef {{
 *   player_id: string, text: string, name: string, to: "all" | "team", spectator?: boolean, missed?: boolean,
 * }} ChatLine
 * @typedef {{level: string, text: string, missed?: boolean}} Notice
 * @typedef {{code: string, message: string}} ServerError
 *
 * @typedef {{
 *   room_id: string, game: string, status: RoomStatus, players: number, max_players: number,
 *   settings: Record<string, any>, bots?: number, open?: boolean, title?: string, language?: string | null,
 *   spectators?: number, max_spectators?: number, locked?: boolean, rating?: number | null, reserved?: number,
 * }} PublicRoom
 *
 * `open`: only those that a player can join now. `settings`: values that the room must have. `text`: in the title or the
 * code. `sort`: fullest, strongest or alphabetical first; the fullest when left out.
 * @typedef {{
 *   open?: boolean, status?: RoomStatus, language?: string, settings?: Record<string, any>, text?: string,
 *   sort?: "players" | "rating" | "title",
 * }} RoomFilter
 *
 * The live list of them, room/room-list.js. `all`: in the server's order, those that are new last. `find`: sorted.
 * @typedef {{
 *   readonly all: PublicRoom[], readonly size: number, get: (roomId: string) => PublicRoom | null,
 *   find: (filter?: RoomFilter) => PublicRoom[],
 * }} PublicRooms
 *
 * `token`: a ticket that says who it is, or a function that gets a fresh one for each attempt. `seat`: of a reservation.
 * @typedef {{
 *   name: string, room?: string, options?: Record<string, any>, role?: "player" | "spectator", seat?: string,
 *   token?: string | (() => string | Promise<string>),
 * }} JoinRequest
 *
 * `waited`: seconds. `window`: how far a room may be from the own rating, points; null: any. `searching`: how many wait.
 * @typedef {{waited: number, window: number | null, searching: number}} Queued
 *
 * `you` and `leader` are ids of members. `leads`: whether they are the same. `here`: connected.
 * @typedef {{
 *   code: string, you: string, leader: string, leads: boolean,
 *   members: {id: string, name: string, here: boolean, room_id: string | null}[],
 * }} Party
 *
 * @typedef {{room_id: string, seats: string[], expires_in: number}} Reserved
 *
 * The life of a connection: `idle` (never joined, or left), `connecting`, `connected` (without a seat: in a party, or
 * watching the list of rooms), `joined`, `reconnecting` (it broke and is being tried again), `closed` (given up: see the
 * `closed` event for why).
 * @typedef {"idle" | "connecting" | "connected" | "joined" | "reconnecting" | "closed"} Connection
 *
 * Times are local, milliseconds as performance.now(), 0 if there are none: when it is tried next, until when it is tried,
 * and until when the server holds the seat.
 * @typedef {{connection: Connection, attempt: number, retryAt: number, giveUpAt: number, seatUntil: number}} ConnectionChange
 *
 * @typedef {{
 *   host?: string | null, locked?: boolean, private?: boolean, settings?: Record<string, any>, bots?: number,
 *   max_players?: number, min_players?: number, paused?: boolean, resumes_in?: number, spectators?: number,
 *   teams?: string[],
 * }} RoomChange
 *
 * @typedef {{
 *   connection: ConnectionChange,
 *   joined: Joined & {again: boolean, restarted: boolean},
 *   restarted: {again: boolean, same: boolean, room_id: string},
 *   players: Player[],
 *   player_joined: Player,
 *   player_left: {player: Player, reason: string},
 *   player_changed: Player,
 *   game_started: {tick: number, settings: Record<string, any>, static?: Record<string, any>},
 *   state: {tick: number, readonly state: any},
 *   stalled: {tick: number, ticks: number},
 *   event: GameEvent,
 *   game_over: GameOver,
 *   rated: {ratings: RatingChange[]},
 *   room_reset: {},
 *   room_changed: RoomChange,
 *   paused: {paused: boolean, resumesAt: number},
 *   vote: {stage: "started" | "counted" | "ended", vote: RunningVote, chosen?: number | null},
 *   queued: Queued,
 *   queue_left: {reason: string},
 *   watching: {starts_in: number},
 *   rooms: PublicRooms,
 *   party: Party | null,
 *   party_left: {reason: string},
 *   chat: ChatLine,
 *   notice: Notice,
 *   error: ServerError,
 *   closed: ServerError,
 *   rtt: number,
 * }} ClientEvents
 *
 * `restarted`: the server was restarted, and the seat is gone. `again`: there is another one, `joined` has told of it;
 * otherwise `closed` tells why not. `same`: in a room with the code of the one before.
 *
 * How the parts of a client tell its listeners.
 * @typedef {<Name extends keyof ClientEvents>(name: Name, payload: ClientEvents[Name]) => void} Emit
 */

export {};
