/**
 * One WebSocket to the server, from its opening to its end: messages out, messages and snapshots in. Once it is closed or
 * lost nothing more is heard of it, so whoever opens the next one need not ask which of them is speaking.
 */
import { MessagePackError } from "../errors.js";
import { Heartbeat } from "./heartbeat.js";
import { decode, encode } from "./msgpack.js";

/**
 * @typedef {{
 *   opened: () => void,
 *   message: (message: any) => void,
 *   snapshot: (bytes: Uint8Array) => void,
 *   unreadable: (problem: string) => void,
 *   lost: (code: number, reason: string) => void,
 *   received?: (bytes: number) => void,
 *   sent?: (bytes: number) => void,
 * }} Listener
 */

/** The first byte of a binary snapshot, which MessagePack never uses. */
const SNAPSHOT = 0xc1;

export class Link {
  /** @type {WebSocket} */
  #socket;
  /** Null when it is over. @type {Listener | null} */
  #listener;
  #opened = false;
  #heartbeat = new Heartbeat({
    ping: (time) => this.send({ type: "ping", time }),
    dead: () => this.#over()?.lost(1006, ""),
  });

  /**
   * @param {string} url
   * @param {Listener} listener
   */
  constructor(url, listener) {
    this.#listener = listener;
    const socket = new WebSocket(url, ["rumpus.v1.msgpack"]);
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    // A network may swallow even the attempt to connect.
    this.#heartbeat.listen();
    socket.onopen = () => {
      this.#opened = true;
      this.#heartbeat.heard();
      this.#listener?.opened();
    };
    socket.onmessage = ({ data }) => {
      if (!this.#listener || !(data instanceof ArrayBuffer)) return;
      this.#heartbeat.heard();
      this.#listener.received?.(data.byteLength);
      this.#receive(new Uint8Array(data), this.#listener);
    };
    // Not everywhere is a connection that could not be had told to be closed: Node.js 20 leaves it at this, once more for
    // each `close`.
    socket.onerror = () => {
      if (!this.#opened && this.#listener) this.#over()?.lost(1006, "");
    };
    socket.onclose = ({ code, reason }) => this.#over()?.lost(code, reason);
  }

  /** Whether messages can be sent. */
  get open() {
    return this.#listener !== null && this.#socket.readyState === WebSocket.OPEN;
  }

  /** Begin to ping. */
  beat() {
    if (this.#listener) this.#heartbeat.start();
  }

  /**
   * @param {Record<string, any>} message
   * @returns {boolean} whether it was sent
   */
  send(message) {
    if (!this.open) return false;
    const bytes = encode(message);
    this.#socket.send(bytes);
    this.#listener?.sent?.(bytes.length);
    return true;
  }

  /**
   * @param {number} code
   * @param {string} [reason]
   */
  close(code, reason) {
    this.#over(code, reason);
  }

  /**
   * Say no more, and close the socket (nothing happens if it is closed; it need not be open yet either).
   *
   * @param {number} [code]
   * @param {string} [reason]
   * @returns {Listener | null} whoever has listened until now
   */
  #over(code = 1000, reason = "") {
    const listener = this.#listener;
    this.#listener = null;
    this.#heartbeat.stop();
    this.#socket.close(code, reason);
    return listener;
  }

  /**
   * @param {Uint8Array} bytes
   * @param {Listener} listener
   */
  #receive(bytes, listener) {
    if (bytes[0] === SNAPSHOT) return listener.snapshot(bytes);
    let message;
    try {
      message = decode(bytes);
    } catch (error) {
      if (error instanceof MessagePackError) return listener.unreadable(error.message);
      throw error;
    }
    listener.message(message);
  }
}
