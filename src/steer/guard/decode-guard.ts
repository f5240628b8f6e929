// Guarded decoding: an answer in two views, the client's and the upstream's, which reads aliases in place of
// private values. This room owns how tokens of one become tokens of the other, and what no query may hold. It
// must not know what aliases look like.

import type { FormMatcher } from '../../guard/matching/form-matcher.ts'
import type { TokenId } from '../token-id.ts'
import type { Vocabulary } from '../vocabulary.ts'
import type { PrefixCheck } from './prefix-check.ts'

/** A private value in one way to write it, which is emitted whole or not at all. */
export interface Unit {
  /** The tokens that propose it: the value's own, those of its alias, or those of a gap that asks for it. */
  readonly path: readonly TokenId[]
  /** The value's own, as the client reads them. */
  readonly tokens: readonly TokenId[]
  /** Whether a word has to begin where it does: it brings no space of its own. */
  readonly needsBorder: boolean
}

/** What decoding needs to know of private values. */
export interface DecodeGuard {
  /** The upstream's. */
  readonly vocabulary: Vocabulary
  /** Finds private forms. */
  readonly realForms: FormMatcher
  /** The alias of a form that was written as `written`. */
  aliasFor(form: number, written: string): string
  /** Text in the upstream's tokens. */
  encode(text: string): readonly TokenId[]
  /** Values by the first token of their own text. */
  readonly valuesBy: ReadonlyMap<TokenId, readonly Unit[]>
  /** Values by the first token of their alias. */
  readonly aliasesBy: ReadonlyMap<TokenId, readonly Unit[]>
  /** Values by the first token of a gap that asks for them, such as "[Your Name". */
  readonly gapsBy: ReadonlyMap<TokenId, readonly Unit[]>
  /** What has read the prompt already, which may be long. */
  readonly begun?: PrefixCheck
  /** Finds the aliases of values that the client wants never to come; left out or null for none. */
  readonly bannedAliases?: FormMatcher | null
  /** Whether the prompt has aliases already: the local pair then reads another text than the upstream. */
  readonly masksPrompt: boolean
}
