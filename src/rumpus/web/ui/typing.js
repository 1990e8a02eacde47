/** Keys are for the page, unless somebody writes with them. */

/**
 * Whether what is pressed goes into a field.
 *
 * @param {EventTarget | null} target of a keyboard event
 */
export function isTyping(target) {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}
