import { GatewayError } from '../gateway-error.ts'
import { jsonValue } from '../json-value.ts'
import { type AliasedForm, aliasOf } from './aliases/alias-of.ts'
import { inWritingOf } from './aliases/in-writing-of.ts'
import { KeyedChoice } from './aliases/keyed-choice.ts'
import { FormMatcher } from './matching/form-matcher.ts'
import { RewrittenText, rewritten } from './matching/rewritten-text.ts'
import { allForms, isTellable, type PrivateKind, type PrivateValue } from './private-value.ts'

export interface GuardOptions {
  readonly values: readonly PrivateValue[]
  /** Texts in which no alias may stand: the conversation, and whatever an answer may repeat. */
  readonly texts: readonly string[]
  /** Known to this machine alone. */
  readonly secret: Uint8Array
  /** What names the conversation: the same values have other aliases in another one. */
  readonly conversation: string
}

/** Aliases that are tried for a value before it is given up. */
const MOST_ATTEMPTS = 500
/** Rounds after which a text must hold no form: an alias and what stands beside it could make one up. */
const MOST_ROUNDS = 8

/** The private values of one conversation and their aliases, both ways. */
export class Guard {
  readonly forms: readonly AliasedForm[]
  /** Finds real forms; a match's `form` is an index of `forms`. */
  readonly realForms: FormMatcher
  /** The same for aliases. */
  readonly aliasForms: FormMatcher

  /** Throws GatewayError `invalid_request` when there is a value for which no alias can be found. */
  constructor({ values, texts, secret, conversation }: GuardOptions) {
    const tellable = distinct(values)
    this.realForms = new FormMatcher(tellable.flatMap(allForms))
    const isFree = freeAliases(this.realForms, texts)
    this.forms = tellable.flatMap((value) => {
      for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
        const label = [conversation, value.kind, value.value, attempt].join('\0')
        const isUsual = attempt < MOST_ATTEMPTS / 2
        const kind = isUsual ? value.kind : fallbackKind(attempt)
        const forms = aliasOf({ ...value, kind }, new KeyedChoice(secret, label), { keepsWords: isUsual })
        if (isFree(forms)) return forms
      }
      throw noAlias(value)
    })
    const aliases = this.forms.map(({ alias }) => alias)
    this.aliasForms = new FormMatcher(aliases, { isWholeWords: true })
  }

  /** The text with aliases in place of all private values. */
  mask(text: string): string {
    let masked = text
    for (let round = 0; round < MOST_ROUNDS; round++) {
      if (!this.holdsPrivate(masked)) return masked
      masked = rewritten(masked, this.realForms, (form, written) => this.aliasFor(form, written))
    }
    throw notMasked()
  }

  /** The text with real values in place of all aliases. */
  restore(text: string): string {
    const stream = this.restored()
    return stream.push(text) + stream.flush()
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
  aliasesIn(texts: readonly string[]): { kind: PrivateKind; value: string; alias: string }[] {
    const found = new Set(texts.flatMap((text) => this.realForms.find(text).map(({ form }) => form)))
    return this.forms.flatMap(({ kind, real, alias }, form) =>
      found.has(form) ? [{ kind, value: real, alias }] : [],
    )
  }

  holdsPrivate(text: string): boolean {
    return this.realForms.find(text).length > 0
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

/** Words of any kind, and in the end letters without a meaning, of which there are always others. */
function fallbackKind(attempt: number): PrivateKind {
  return attempt < (3 * MOST_ATTEMPTS) / 4 ? 'other' : 'number'
}

/** What a part of a JSON string says. */
function unquoted(part: string): string {
  const text = jsonValue(`"${part}"`)
  return typeof text === 'string' ? text : part
}

/** A form from its first to its last letter or digit: what stands around them is not part of it. */
function withoutEdges(form: string): string {
  return form.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}\p{M}]+$/gu, '')
}

/** Values of which the first of two with the same text counts. */
function distinct(values: readonly PrivateValue[]): PrivateValue[] {
  const seen = new Set<string>()
  const isNew = (form: string) => {
    if (seen.has(form) || !isTellable(form)) return false
    seen.add(form)
    return true
  }
  return values.flatMap(({ kind, ...value }) => {
    const [first, ...forms] = allForms({ kind, ...value })
      .map(withoutEdges)
      .filter(isNew)
    return first === undefined ? [] : [{ kind, value: first, forms }]
  })
}

/** Whether aliases stand in no text, are no real values, and are not taken. They are taken then. */
function freeAliases(
  real: FormMatcher,
  texts: readonly string[],
): (forms: readonly AliasedForm[]) => boolean {
  const taken: string[] = []
  return (forms) => {
    const aliases = forms.map(({ alias }) => alias)
    const own = new FormMatcher(aliases)
    if (aliases.some((alias) => !isTellable(alias) || real.find(alias).length > 0)) return false
    if ([...texts, ...taken].some((text) => own.find(text).length > 0)) return false
    if (taken.length > 0 && aliases.some((alias) => new FormMatcher(taken).find(alias).length > 0))
      return false
    if (ambiguous(forms)) return false
    taken.push(...aliases)
    return true
  }
}

/** Whether two forms that are not the same text have the same alias, or an alias is its own form. */
function ambiguous(forms: readonly AliasedForm[]): boolean {
  const byAlias = new Map<string, string>()
  for (const { real, alias } of forms) {
    const other = byAlias.get(alias.toLowerCase())
    if (other !== undefined && other !== real.toLowerCase()) return true
    byAlias.set(alias.toLowerCase(), real.toLowerCase())
  }
  return false
}

function noAlias({ kind }: PrivateValue): GatewayError {
  const message = `No alias was found for a private value of the kind "${kind}". Declare it with more letters.`
  return new GatewayError('invalid_request', message)
}

function notMasked(): GatewayError {
  const message = 'A text keeps a private value whatever stands in its place. Declare longer private values.'
  return new GatewayError('invalid_request', message)
}
