// This room owns reading what a person wrote from the files of other programs. It changes no profile, and no
// problem or error that leaves it repeats what a file says.

/** Why something in a file is no text to import. */
export type LeftOutReason = 'too-short' | 'too-long' | 'not-yours' | 'no-text' | 'beyond-limit'

/** A text of the user's, as some file has it. */
export interface FoundText {
  readonly text: string
  /** What it was written for, as a request. */
  readonly task: string
  /** As in a profile; null where the file does not say. */
  readonly date: string | null
  /** `kept` is an answer of a model's that the user rated good. */
  readonly kind: 'written' | 'kept'
  /** Where it stands, for a person: a file's name, a number. */
  readonly place: string
}

/** What a reader comes upon in a file, in the file's order. */
export type Finding =
  | { readonly type: 'text'; readonly found: FoundText }
  /** A sentence about the user, for the facts of a profile. */
  | { readonly type: 'fact'; readonly text: string }
  /** An answer of a model's, which counts if a rating of the same id says so, before or after. */
  | { readonly type: 'answer'; readonly id: string; readonly found: FoundText }
  | { readonly type: 'rating'; readonly id: string }
  | { readonly type: 'left-out'; readonly reason: LeftOutReason }
  /** Who wrote a message. */
  | { readonly type: 'sender'; readonly address: string }
  /** A part that cannot be read, while the rest can. */
  | { readonly type: 'problem'; readonly place: string; readonly message: string }

/** `2024-05-31` from whatever names a moment; null when nothing sensible does. */
export function dayOf(moment: string | number | null | undefined): string | null {
  if (moment === null || moment === undefined) return null
  const date = typeof moment === 'number' ? new Date(moment * 1000) : new Date(moment)
  const year = date.getUTCFullYear()
  return year >= 1970 && year <= 9999 ? date.toISOString().slice(0, 10) : null
}
