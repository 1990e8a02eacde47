/**
 * Copy a text. `navigator.clipboard` exists only on https and localhost; a friend's page on plain http in the same
 * network has to use the old command, which copies what is selected.
 *
 * @param {string} text
 * @param {HTMLInputElement} field that holds the text
 * @returns {Promise<boolean>} whether it worked; if not, the text is left selected
 */
export async function copyText(text, field) {
  try {
    if (navigator.clipboard) {
      await navigator.clipboard.writeText(text);
      return true;
    }
  } catch {
    // Not allowed here: try the old way.
  }
  field.focus();
  field.select();
  field.setSelectionRange(0, text.length);
  return document.execCommand("copy");
}
