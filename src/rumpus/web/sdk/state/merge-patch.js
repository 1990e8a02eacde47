/**
 * RFC 7396 JSON Merge Patch, without changing what it is applied to.
 *
 * Older states must stay as they were, because interpolation still draws them; so a patched state shares every part
 * that did not change with the state before it, and copies only the path down to what did.
 *
 * @param {any} target
 * @param {any} patch
 * @returns {any}
 */
export function mergePatch(target, patch) {
  if (!isObject(patch)) return patch;
  const result = isObject(target) ? { ...target } : {};
  for (const key of Object.keys(patch)) {
    const value = patch[key];
    // A server names the keys: "__proto__" must not become the prototype of anything.
    if (key === "__proto__") continue;
    if (value === null) delete result[key];
    else result[key] = isObject(value) ? mergePatch(result[key], value) : value;
  }
  return result;
}

/**
 * @param {any} value
 * @returns {boolean}
 */
function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
