/** A text that any model goes on with in its own way, and that says nothing of anybody. */
export const PROBE_TEXT = '1, 2, 3, 4, 5, 6, 7,'
