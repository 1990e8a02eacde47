/**
 * Reads a binary snapshot from its start to its end. Whatever does not fit is a SnapshotError, and nothing else is ever
 * thrown: what comes over a network may be anything.
 */
import { SnapshotError } from "../errors.js";
import { readText } from "./msgpack.js";

/** Bytes of the longest varint: 2^53 - 1 has eight times seven bits. */
const LONGEST = 8;

export class ByteReader {
  /** @type {Uint8Array} */
  bytes = new Uint8Array(0);
  at = 0;

  /**
   * @param {Uint8Array} bytes
   * @param {number} from
   */
  open(bytes, from) {
    this.bytes = bytes;
    this.at = from;
  }

  get done() {
    return this.at >= this.bytes.length;
  }

  byte() {
    if (this.at >= this.bytes.length) throw new SnapshotError("The snapshot ends too early.");
    return this.bytes[this.at++];
  }

  /**
   * An unsigned number, lowest byte first.
   *
   * @param {number} size 1 to 4 bytes
   */
  whole(size) {
    const { bytes, at } = this;
    if (size > bytes.length - at) throw new SnapshotError("The snapshot ends too early.");
    this.at = at + size;
    let value = bytes[at];
    if (size > 1) value += bytes[at + 1] * 0x100;
    if (size > 2) value += bytes[at + 2] * 0x10000;
    // Not by shifting: the fourth byte would make it negative.
    if (size > 3) value += bytes[at + 3] * 0x1000000;
    return value;
  }

  /** An unsigned number of one to eight bytes, seven bits each (LEB128). */
  varint() {
    const { bytes } = this;
    let byte = this.byte();
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    let scale = 0x80;
    for (let count = 1; count < LONGEST; count += 1) {
      if (this.at >= bytes.length) throw new SnapshotError("The snapshot ends too early.");
      byte = bytes[this.at++];
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if (value > Number.MAX_SAFE_INTEGER) break;
        return value;
      }
      scale *= 0x80;
    }
    throw new SnapshotError("A number is too large.");
  }

  /** A signed number: 0, -1, 1, -2 ... as 0, 1, 2, 3 ... */
  zigzag() {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  /** A string of at most 255 bytes. */
  text() {
    const size = this.byte();
    const { at } = this;
    if (size > this.bytes.length - at) throw new SnapshotError("The snapshot ends too early.");
    this.at = at + size;
    const text = readText(this.bytes, at, size);
    if (text === null) throw new SnapshotError("A text is not UTF-8.");
    return text;
  }
}
