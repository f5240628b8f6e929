// The guard: private values and the aliases that stand for them where others read along. This room owns
// which texts are private and what stands in their place. It does no I/O and must not know models, tokens,
// profiles or HTTP.

import { skeletonLetters } from './matching/skeleton.ts'

/** What a private value is, which decides what its alias looks like. */
export const privateKinds = [
  'person',
  'place',
  'address',
  'phone',
  'email',
  'url',
  'organisation',
  'date',
  'number',
  'health',
  'other',
] as const

export type PrivateKind = (typeof privateKinds)[number]

/** A text that must not leave, and other ways to write it. */
export interface PrivateValue {
  readonly kind: PrivateKind
  readonly value: string
  /** Such as a first name by itself. */
  readonly forms: readonly string[]
}

const LEAST_LETTERS = 2
/** Fewer are in any text, so that an alias for them would be too. */
const LEAST_DIGITS = 4

/** Whether a text is long enough to be told apart from others. */
export function isTellable(text: string): boolean {
  const letters = skeletonLetters(text)
  return letters.length >= (/^\d*$/.test(letters) ? LEAST_DIGITS : LEAST_LETTERS)
}

/** The value and its other forms, each once. */
export function allForms({ value, forms }: PrivateValue): string[] {
  return [...new Set([value, ...forms])]
}
