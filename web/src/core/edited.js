/**
 * Whether something on a page was typed and not sent: then no rule may navigate away from it. It watches
 * events that bubble to the document and changes nothing.
 */

/** Fields whose change is no work that could be lost. */
const HARMLESS = new Set(["search", "button", "submit", "reset", "image", "hidden"]);

/** @typedef {{isConnected: boolean, type?: string, form?: unknown}} Field */

export class EditedFields {
  constructor() {
    /** @type {Set<Field>} */
    this._fields = new Set();
  }

  /** A person changed this field. @param {Field} field */
  edited(field) {
    if (!HARMLESS.has(field.type ?? "")) this._fields.add(field);
  }

  /** The form was sent or emptied: its fields hold nothing unsaved. @param {unknown} form */
  settled(form) {
    for (const field of this._fields) if (field.form === form) this._fields.delete(field);
  }

  /** Whether an edited field is still on the page. */
  get any() {
    for (const field of this._fields) if (!field.isConnected) this._fields.delete(field);
    return this._fields.size > 0;
  }
}
