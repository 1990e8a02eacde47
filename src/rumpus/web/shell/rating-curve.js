/** How a rating went over the last matches, as a small drawing that grows with the page. */

const SVG = "http://www.w3.org/2000/svg";
const [WIDTH, HEIGHT, EDGE] = [600, 150, 10];
/** A rating that hardly moves should not look like a storm. */
const LEAST_RANGE = 60;

/**
 * @param {number[]} ratings in points, the oldest first; two at least
 * @returns {SVGElement}
 */
export function ratingCurve(ratings) {
  const least = Math.min(...ratings);
  const most = Math.max(...ratings);
  const range = Math.max(LEAST_RANGE, most - least);
  const floor = (least + most) / 2 - range / 2;
  const x = (/** @type {number} */ index) => EDGE + (index * (WIDTH - 2 * EDGE)) / (ratings.length - 1);
  const y = (/** @type {number} */ rating) => HEIGHT - EDGE - ((rating - floor) / range) * (HEIGHT - 2 * EDGE);
  const points = ratings.map((rating, index) => `${x(index).toFixed(1)},${y(rating).toFixed(1)}`);
  const svg = node("svg", {
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    role: "img",
    class: "curve",
    preserveAspectRatio: "none",
  });
  svg.setAttribute(
    "aria-label",
    `Rating over the last ${ratings.length - 1} matches: from ${ratings[0]} to ${ratings[ratings.length - 1]}`,
  );
  const shade = node("linearGradient", { id: "curve-shade", x1: "0", y1: "0", x2: "0", y2: "1" });
  shade.append(node("stop", { offset: "0", class: "curve-top" }), node("stop", { offset: "1", class: "curve-bottom" }));
  const [last, end] = [ratings.length - 1, ratings[ratings.length - 1]];
  svg.append(
    shade,
    node("polygon", {
      points: `${x(0)},${HEIGHT} ${points.join(" ")} ${x(last)},${HEIGHT}`,
      fill: "url(#curve-shade)",
    }),
    node("polyline", { points: points.join(" "), class: "curve-line", "vector-effect": "non-scaling-stroke" }),
    // A line without length and with round ends is a dot, and stays round when the drawing is stretched.
    node("path", { d: `M${x(last)} ${y(end)}h0`, class: "curve-dot", "vector-effect": "non-scaling-stroke" }),
  );
  return svg;
}

/**
 * @param {string} tag
 * @param {Record<string, string>} attributes
 */
function node(tag, attributes) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}
