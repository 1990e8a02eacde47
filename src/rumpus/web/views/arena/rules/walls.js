/**
 * The field that a match is played on: its size and its walls, found by cells of 100 units.
 *
 * The lookup lists every wall that anything with its middle in a cell can touch, in the order of the map, so it cannot
 * change what comes out; it only spares looking at walls that are far away. It is the one of `arena_map.py`.
 */
import { LOOKUP_CELL, LOOKUP_MARGIN } from "./constants.js";

export class Walls {
  /** How many there are. */
  count = 0;

  /** @param {{width: number, height: number, walls: ArrayLike<number>[]}} map walls as [x, y, width, height] */
  constructor({ width, height, walls }) {
    this.width = width;
    this.height = height;
    this.count = walls.length;
    /** Left, top, right, bottom of one wall after the other. */
    this.edges = new Float64Array(walls.length * 4);
    this.columns = Math.ceil(width / LOOKUP_CELL);
    this.rows = Math.ceil(height / LOOKUP_CELL);
    /** @type {number[][]} */
    const lists = Array.from({ length: this.columns * this.rows }, () => []);
    for (let number = 0; number < walls.length; number += 1) {
      const [x, y, w, h] = Array.from(walls[number]);
      this.edges.set([x, y, x + w, y + h], number * 4);
      const last = cellOf(x + w + LOOKUP_MARGIN, this.columns);
      const lowest = cellOf(y + h + LOOKUP_MARGIN, this.rows);
      for (let row = cellOf(y - LOOKUP_MARGIN, this.rows); row <= lowest; row += 1)
        for (let column = cellOf(x - LOOKUP_MARGIN, this.columns); column <= last; column += 1)
          lists[row * this.columns + column].push(number * 4);
    }
    /** For each cell where in `edges` its walls begin. */
    this.cells = lists.map((list) => Int32Array.from(list));
  }

  /**
   * Where in `edges` the walls near (x, y) begin; outside the field, those of the nearest cell.
   *
   * @param {number} x
   * @param {number} y
   * @returns {Int32Array}
   */
  near(x, y) {
    return this.cells[cellOf(y, this.rows) * this.columns + cellOf(x, this.columns)];
  }
}

/**
 * @param {number} at
 * @param {number} count of cells
 */
function cellOf(at, count) {
  return Math.min(Math.max(Math.floor(at / LOOKUP_CELL), 0), count - 1);
}
