/** What can go wrong between a client and its server, as far as this SDK says so itself. */

/** An error that the server gave, or the reason why there is no connection. `code` is stable, `message` is for people. */
export class RumpusError extends Error {
  /**
   * @param {string} code
   * @param {string} message
   */
  constructor(code, message) {
    super(message);
    this.name = "RumpusError";
    this.code = code;
  }
}

/** Bytes that are no MessagePack, or use a part of it that the protocol does not. */
export class MessagePackError extends Error {
  /** @param {string} message */
  constructor(message) {
    super(message);
    this.name = "MessagePackError";
  }
}

/** A snapshot is damaged: it ends too early, goes on too long, or speaks of what does not exist. */
export class SnapshotError extends Error {
  /** @param {string} message */
  constructor(message) {
    super(message);
    this.name = "SnapshotError";
  }
}
