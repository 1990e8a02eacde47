/**
 * What a view is: how a game looks and sounds, and what it calls things. The shell leads people from screen to screen,
 * and knows of a game no more than this; registry.js says which game has which view. This module has no code.
 *
 * How the shell leads a view:
 *
 *     on the title                    leave(), backdrop(true)
 *     a room is joined                stop(), enter(joined); start(null) if its match runs already
 *     waiting for a match             stop(), backdrop(true)
 *     a match begins                  start(started)
 *     the match is on the screen      backdrop(true) while it is not `ready`, then backdrop(false);
 *                                     play(true), or watch(note) for those who only watch
 *     the match is over               over(over)
 *     results, or no connection       play(false); the last picture stays behind what is shown
 *     the next room is another game's leave(), backdrop(false)
 *
 * Each of these may come again without a change in between.
 *
 * What it is, which stays the same:
 * @typedef {object} Looks
 * @property {string} name for style sheets: `body[data-view="…"]`
 * @property {string} title of the game, as the page's title and the line below the wordmark have it
 * @property {boolean} showsRoom whether it shows all that happens in a room by itself; else the shell adds its waiting
 *   room, results and menu
 * @property {import("../ui/words.js").Words} words for modes, settings, and why a match ended; also of past matches
 * @property {[string[], string][]} keys what the title page says of the keyboard: keys, and what they do; [] for nothing
 *
 * What it shows of a room; `joined`, `started` and `over` are the server's messages:
 * @typedef {object} Life
 * @property {(joined: Joined) => void} enter there is a seat in a room, or again, or a place to watch
 * @property {() => void} leave show nothing of the room any more
 * @property {(started: Started | null) => void} start show the match, which begins, or with null has begun earlier
 * @property {() => void} stop show nothing of the match any more
 * @property {(playing: boolean) => void} play take the player's input and show what belongs to it, or no longer do
 * @property {(note: string) => void} watch follow others instead: `note` says why, or how late; "" ends it
 * @property {(over: GameOver) => void} over the match has ended; its results come next. `over.missed`: a while ago
 * @property {(shown: boolean) => void} backdrop a picture behind screens, for while there is no match to be seen
 * @property {boolean} ready whether there is a match to be seen; `Page.firstPicture` is called when that becomes so
 * @property {(typing: boolean) => void} typing keys and mouse are for something else, such as the chat or the menu
 * @property {() => void} resize the window has another size
 * @property {() => object | null} drawn what is seen right now, as plain data, for end-to-end tests
 *
 * What it adds to screens of the shell. Forms are asked for anew each time the title page gets to know its game:
 * @typedef {object} Parts
 * @property {() => Field | null} quickPlayForm what may be chosen of quick play; `read` gives settings to look for
 * @property {() => CreateForm | null} settingsForm how a new room is played
 * @property {(results: Result[]) => Column[]} resultColumns of the table of results, beside rank, name and score
 * @property {(over: GameOver) => string | null} resultTitle what became of the match; null leaves it to ranks and teams
 *
 * @typedef {Looks & Life & Parts} View
 *
 * Fields for a new room, by where they stand: above who may come in, below that, and beside the number of seats.
 * @typedef {object} CreateForm
 * @property {HTMLElement} above
 * @property {HTMLElement} below
 * @property {HTMLElement} beside
 * @property {() => Record<string, any>} read the settings
 *
 * @typedef {{head: string, cell: (result: Result) => string}} Column
 *
 * What a view gets from the page.
 * @typedef {object} Page
 * @property {import("../sdk/rumpus.js").Client} client
 * @property {HTMLCanvasElement} stage behind everything, as large as the window
 * @property {import("../ui/sounds.js").Sounds} sounds
 * @property {import("../ui/palette.js").Colours} colours of players, the same in lists and chat
 * @property {() => void} leave the room, for the title
 * @property {() => void} openMenu over a match
 * @property {() => void} openChat
 * @property {() => void} toggleNetGraph
 * @property {() => void} askPause
 * @property {() => void} firstPicture to be called when there is a match to be seen
 *
 * @typedef {import("../sdk/types.js").Joined} Joined
 * @typedef {import("../sdk/types.js").ClientEvents["game_started"]} Started
 * @typedef {import("../sdk/types.js").GameOver} GameOver
 * @typedef {import("../sdk/types.js").Result} Result
 * @typedef {import("../ui/fields.js").Field} Field
 */

export {};
