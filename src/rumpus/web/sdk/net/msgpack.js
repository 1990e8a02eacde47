/**
 * MessagePack, as far as the protocol uses it: nil, booleans, numbers, strings, binary data, arrays, and maps with
 * string keys. Written here because the SDK has no dependencies, and small because it leaves out what a Rumpus server
 * never sends (extension types, other keys).
 *
 * 64-bit integers become Numbers, exact up to 2^53 as everywhere in the protocol; a BigInt among Numbers would break
 * the first sum it meets.
 */
import { MessagePackError } from "../errors.js";

/** Arrays and maps inside one another, at most: more is an attack or a mistake, and would overflow the stack. */
const DEEPEST = 512;

/** Shorter strings than this are read letter by letter: most are names of fields, and calling a TextDecoder costs more. */
const SHORT = 24;

const TWO_32 = 2 ** 32;
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const toUtf8 = new TextEncoder();

/**
 * The one value that `bytes` hold from offset `from` to their end.
 *
 * @param {Uint8Array} bytes
 * @param {number} [from]
 * @returns {any}
 */
export function decode(bytes, from = 0) {
  const reader = new Decoder(bytes, from);
  const value = reader.value(0);
  if (reader.at !== bytes.length) throw new MessagePackError(`${bytes.length - reader.at} bytes too many`);
  return value;
}

class Decoder {
  /**
   * @param {Uint8Array} bytes
   * @param {number} at
   */
  constructor(bytes, at) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = at;
  }

  /**
   * @param {number} depth
   * @returns {any}
   */
  value(depth) {
    const first = this.bytes[this.#take(1)];
    if (first < 0x80) return first;
    if (first >= 0xe0) return first - 256;
    if (first >= 0xa0 && first < 0xc0) return this.#text(first & 31);
    if (first >= 0x90 && first < 0xa0) return this.#array(first & 15, depth);
    if (first < 0x90) return this.#map(first & 15, depth);
    const { view } = this;
    switch (first) {
      case 0xc0:
        return null;
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xc4:
        return this.#binary(this.#length(1));
      case 0xc5:
        return this.#binary(this.#length(2));
      case 0xc6:
        return this.#binary(this.#length(4));
      case 0xca:
        return view.getFloat32(this.#take(4));
      case 0xcb:
        return view.getFloat64(this.#take(8));
      case 0xcc:
        return this.#length(1);
      case 0xcd:
        return this.#length(2);
      case 0xce:
        return this.#length(4);
      case 0xcf: {
        const at = this.#take(8);
        return view.getUint32(at) * TWO_32 + view.getUint32(at + 4);
      }
      case 0xd0:
        return view.getInt8(this.#take(1));
      case 0xd1:
        return view.getInt16(this.#take(2));
      case 0xd2:
        return view.getInt32(this.#take(4));
      case 0xd3: {
        const at = this.#take(8);
        return view.getInt32(at) * TWO_32 + view.getUint32(at + 4);
      }
      case 0xd9:
        return this.#text(this.#length(1));
      case 0xda:
        return this.#text(this.#length(2));
      case 0xdb:
        return this.#text(this.#length(4));
      case 0xdc:
        return this.#array(this.#length(2), depth);
      case 0xdd:
        return this.#array(this.#length(4), depth);
      case 0xde:
        return this.#map(this.#length(2), depth);
      case 0xdf:
        return this.#map(this.#length(4), depth);
      default:
        throw new MessagePackError(`unexpected byte 0x${first.toString(16)} at ${this.at - 1}`);
    }
  }

  /**
   * Go past some bytes.
   *
   * @param {number} count
   * @returns {number} where they begin
   */
  #take(count) {
    const at = this.at;
    if (count > this.bytes.length - at) throw new MessagePackError("the message ends too early");
    this.at = at + count;
    return at;
  }

  /** @param {1 | 2 | 4} size of the number, bytes */
  #length(size) {
    const at = this.#take(size);
    return size === 1 ? this.bytes[at] : size === 2 ? this.view.getUint16(at) : this.view.getUint32(at);
  }

  /** @param {number} length */
  #binary(length) {
    const at = this.#take(length);
    return this.bytes.slice(at, at + length);
  }

  /** @param {number} length */
  #text(length) {
    const at = this.#take(length);
    return readText(this.bytes, at, length) ?? fail("a string is not UTF-8");
  }

  /**
   * @param {number} length
   * @param {number} depth
   */
  #array(length, depth) {
    this.#enter(length, depth);
    const list = [];
    for (let index = 0; index < length; index += 1) list.push(this.value(depth + 1));
    return list;
  }

  /**
   * @param {number} length
   * @param {number} depth
   */
  #map(length, depth) {
    this.#enter(2 * length, depth);
    /** @type {Record<string, any>} */
    const map = {};
    for (let index = 0; index < length; index += 1) {
      const key = this.value(depth + 1);
      if (typeof key !== "string") throw new MessagePackError("the key of a map is no string");
      const value = this.value(depth + 1);
      if (key === "__proto__") setOwn(map, key, value);
      else map[key] = value;
    }
    return map;
  }

  /**
   * Each element has a byte at least: a length of four thousand millions in a short message is told at once.
   *
   * @param {number} least bytes that must follow
   * @param {number} depth
   */
  #enter(least, depth) {
    if (least > this.bytes.length - this.at) throw new MessagePackError("the message ends too early");
    if (depth >= DEEPEST) throw new MessagePackError("nested too deeply");
  }
}

/**
 * @param {Uint8Array} bytes
 * @param {number} at
 * @param {number} length in bytes, all of which there are
 * @returns {string | null} null if they are not UTF-8
 */
export function readText(bytes, at, length) {
  if (length < SHORT) {
    let text = "";
    let index = at;
    const end = at + length;
    while (index < end && bytes[index] < 0x80) text += String.fromCharCode(bytes[index++]);
    if (index === end) return text;
  }
  try {
    return utf8.decode(bytes.subarray(at, at + length));
  } catch {
    return null;
  }
}

/**
 * Set a field that others name: "__proto__" becomes a field like any other and not the prototype.
 *
 * @param {Record<string, any>} target
 * @param {string} key
 * @param {any} value
 */
export function setOwn(target, key, value) {
  Object.defineProperty(target, key, { value, enumerable: true, writable: true, configurable: true });
}

/**
 * @param {string} message
 * @returns {never}
 */
function fail(message) {
  throw new MessagePackError(message);
}

/**
 * `value` as MessagePack, each part in its shortest form. As in JSON.stringify, fields that are undefined are left out
 * and -0 is 0; anything else that the protocol does not know (a function, a BigInt, a cycle) throws a MessagePackError.
 *
 * @param {any} value
 * @returns {Uint8Array}
 */
export function encode(value) {
  const writer = new Encoder();
  writer.value(value, 0);
  return writer.bytes.slice(0, writer.at);
}

class Encoder {
  bytes = new Uint8Array(256);
  view = new DataView(this.bytes.buffer);
  at = 0;

  /**
   * @param {any} value
   * @param {number} depth
   */
  value(value, depth) {
    if (value === null || value === undefined) this.#byte(0xc0);
    else if (value === true || value === false) this.#byte(value ? 0xc3 : 0xc2);
    else if (typeof value === "number") this.#number(value);
    else if (typeof value === "string") this.#text(value);
    else if (typeof value === "object") this.#object(value, depth);
    else throw new MessagePackError(`a ${typeof value} cannot be sent`);
  }

  /**
   * @param {object} value
   * @param {number} depth
   */
  #object(value, depth) {
    if (depth >= DEEPEST) throw new MessagePackError("nested too deeply, or in a circle");
    if (value instanceof Uint8Array) {
      this.#head(value.length, 0, -1, 0xc4);
      this.#raw(value);
    } else if (Array.isArray(value)) {
      this.#head(value.length, 0x90, 15, 0xdb);
      for (const item of value) this.value(item, depth + 1);
    } else {
      const fields = Object.entries(value).filter(([, field]) => field !== undefined);
      this.#head(fields.length, 0x80, 15, 0xdd);
      for (const [key, field] of fields) {
        this.#text(key);
        this.value(field, depth + 1);
      }
    }
  }

  /** @param {number} value */
  #number(value) {
    if (!Number.isSafeInteger(value)) {
      this.#byte(0xcb);
      const at = this.#grow(8);
      this.view.setFloat64(at, value);
    } else if (value >= 0) {
      if (value < 0x80) this.#byte(value);
      else if (value < TWO_32) this.#head(value, 0, -1, 0xcc);
      else this.#wide(0xcf, value);
    } else if (value >= -32) this.#byte(value + 256);
    else if (value >= -0x80) {
      this.#byte(0xd0);
      this.#byte(value + 256);
    } else if (value >= -0x8000) {
      this.#byte(0xd1);
      const at = this.#grow(2);
      this.view.setInt16(at, value);
    } else if (value >= -0x80000000) {
      this.#byte(0xd2);
      const at = this.#grow(4);
      this.view.setInt32(at, value);
    } else this.#wide(0xd3, value);
  }

  /**
   * @param {number} type
   * @param {number} value
   */
  #wide(type, value) {
    this.#byte(type);
    const at = this.#grow(8);
    this.view.setUint32(at, Math.floor(value / TWO_32));
    this.view.setUint32(at + 4, value % TWO_32);
  }

  /** @param {string} text */
  #text(text) {
    const bytes = toUtf8.encode(text);
    if (bytes.length < 32) this.#byte(0xa0 | bytes.length);
    else this.#head(bytes.length, 0, -1, 0xd9);
    this.#raw(bytes);
  }

  /**
   * A length (or a whole number) up to 2^32 - 1 in as few bytes as its kind allows.
   *
   * @param {number} length
   * @param {number} tiny the byte that a length up to `most` is part of
   * @param {number} most -1: there is no such byte
   * @param {number} type the byte before a length of one byte; those of two and four bytes are the next ones. Arrays
   *   and maps have no form with one byte, so theirs is the byte before that of two.
   */
  #head(length, tiny, most, type) {
    if (length <= most) return this.#byte(tiny | length);
    if (length < 0x100 && most < 0) {
      this.#byte(type);
      this.#byte(length);
    } else if (length < 0x10000) {
      this.#byte(type + 1);
      const at = this.#grow(2);
      this.view.setUint16(at, length);
    } else {
      this.#byte(type + 2);
      const at = this.#grow(4);
      this.view.setUint32(at, length);
    }
  }

  /** @param {number} byte */
  #byte(byte) {
    const at = this.#grow(1);
    this.bytes[at] = byte;
  }

  /** @param {Uint8Array} bytes */
  #raw(bytes) {
    const at = this.#grow(bytes.length);
    this.bytes.set(bytes, at);
  }

  /**
   * Make room for some bytes. `bytes` and `view` may be others afterwards, so it is called before they are looked at.
   *
   * @param {number} count
   * @returns {number} where they go
   */
  #grow(count) {
    const at = this.at;
    this.at = at + count;
    if (this.at > this.bytes.length) {
      const larger = new Uint8Array(Math.max(2 * this.bytes.length, this.at));
      larger.set(this.bytes);
      this.bytes = larger;
      this.view = new DataView(larger.buffer);
    }
    return at;
  }
}
