// Guarded decoding: an answer in two views, the client's and the upstream's, which reads aliases in place of
// private values. This room owns how tokens of one become tokens of the other, and what no query may hold. It
// must not know what aliases look like.

import type { FormMatcher } from '../../guard/matching/form-matcher.ts'
import type { TokenId } from '../token-id.ts'
import type { Vocabulary } from '../vocabulary.ts'

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
  /** Whether the prompt has aliases already: the local pair then reads another text than the upstream. */
  readonly masksPrompt: boolean
}
