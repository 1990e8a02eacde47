import { decode, encode } from "../../../src/rumpus/web/sdk/net/msgpack.js";

/** A WebSocket that goes nowhere: the test is the server. */
export class FakeSocket {
  static OPEN = 1;
  /** @type {FakeSocket[]} */
  static all = [];
  readyState = 0;
  /** @type {any[]} */
  sent = [];

  constructor(url, protocols) {
    this.url = url;
    this.protocols = protocols;
    FakeSocket.all.push(this);
  }

  send(bytes) {
    this.sent.push(decode(bytes));
  }

  close(code) {
    if (this.readyState === 3) return;
    this.closedWith = code;
    this.readyState = 3;
    queueMicrotask(() => this.onclose?.({ code: 1000, reason: "" }));
  }

  open() {
    this.readyState = 1;
    this.onopen();
  }

  say(message) {
    this.sayBytes(encode(message));
  }

  /** @param {Uint8Array} bytes */
  sayBytes(bytes) {
    this.onmessage({ data: new Uint8Array(bytes).buffer });
  }

  /** What the client sent, without its pings. */
  get told() {
    return this.sent.filter((message) => message.type !== "ping");
  }
}
