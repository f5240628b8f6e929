import { GatewayError } from '../gateway-error.ts'
import { jsonValue } from '../json-value.ts'
import { runWhole, type SlicedWork } from '../sliced-work.ts'
import type { AliasedForm } from './aliases/alias-of.ts'
import { inWritingOf } from './aliases/in-writing-of.ts'
import type { FormMatcher } from './matching/form-matcher.ts'
import { RewrittenText, rewritten } from './matching/rewritten-text.ts'
import type { PrivateKind } from './private-value.ts'

/** Rounds after which a text must hold no form: an alias and what stands beside it could make one up. */
const MOST_ROUNDS = 8

export interface GuardParts {
  readonly forms: readonly AliasedForm[]
  readonly realForms: FormMatcher
  readonly aliasForms: FormMatcher
}

/** The private values of one conversation and their aliases, both ways. */
export class Guard {
  readonly forms: readonly AliasedForm[]
  /** Finds real forms; a match's `form` is an index of `forms`. */
  readonly realForms: FormMatcher
  /** The same for aliases. */
  readonly aliasForms: FormMatcher

  constructor({ forms, realForms, aliasForms }: GuardParts) {
    this.forms = forms
    this.realForms = realForms
    this.aliasForms = aliasForms
  }

  /** The text with aliases in place of all private values. */
  mask(text: string): string {
    return runWhole(this.masking(text))
  }

  /** The same for a longer text. */
  *masking(text: string): SlicedWork<string> {
    let masked = text
    for (let round = 0; round < MOST_ROUNDS; round++) {
      if (!(yield* this.realForms.standsIn(masked))) return masked
      masked = yield* rewritten(masked, this.realForms, (form, written) => this.aliasFor(form, written))
    }
    throw notMasked()
  }

  /** The text with real values in place of all aliases. */
  restore(text: string): string {
    return runWhole(this.restoring(text))
  }

  /** The same for a longer text. */
  restoring(text: string): SlicedWork<string> {
    return rewritten(text, this.aliasForms, (form, written) => this.realFor(form, written))
  }

  /** The same for a text that comes in pieces. */
  restored(): RewrittenText {
    return new RewrittenText(this.aliasForms, (form, written) => this.realFor(form, written))
  }

  /** The same within a JSON text, where the values stand in strings. */
  restoredJson(): RewrittenText {
    const quoted = (text: string) => JSON.stringify(text).slice(1, -1)
    return new RewrittenText(this.aliasForms, (form, written) =>
      quoted(this.realFor(form, unquoted(written))),
    )
  }

  /** The forms that stand in the texts, with what stands in their place. */
  *aliasesIn(texts: readonly string[]): SlicedWork<{ kind: PrivateKind; value: string; alias: string }[]> {
    const found = new Set<number>()
    for (const text of texts) {
      yield* this.realForms.telling(text, ({ form }) => {
        found.add(form)
        return false
      })
    }
    return this.forms.flatMap(({ kind, real, alias }, form) =>
      found.has(form) ? [{ kind, value: real, alias }] : [],
    )
  }

  holdsPrivate(text: string): boolean {
    return runWhole(this.realForms.standsIn(text))
  }

  /** The alias of a form that was written as `written`. */
  aliasFor(form: number, written: string): string {
    return inWritingOf(written, this.forms[form]?.real ?? '', this.forms[form]?.alias ?? '')
  }

  /** The value of which the alias was written as `written`. */
  realFor(form: number, written: string): string {
    return inWritingOf(written, this.forms[form]?.alias ?? '', this.forms[form]?.real ?? '')
  }
}

/** What a part of a JSON string says. */
function unquoted(part: string): string {
  const text = jsonValue(`"${part}"`)
  return typeof text === 'string' ? text : part
}

function notMasked(): GatewayError {
  const message = 'A text keeps a private value whatever stands in its place. Declare longer private values.'
  return new GatewayError('invalid_request', message)
}
