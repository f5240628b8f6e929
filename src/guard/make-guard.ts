import { createHash } from 'node:crypto'
import { GatewayError } from '../gateway-error.ts'
import { runWhole, type SlicedWork } from '../sliced-work.ts'
import { type AliasedForm, aliasOf } from './aliases/alias-of.ts'
import { FreeAliases } from './aliases/free-aliases.ts'
import { KeyedChoice } from './aliases/keyed-choice.ts'
import { Guard } from './guard.ts'
import { FormMatcher } from './matching/form-matcher.ts'
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
/** Of these kinds of words each. So many values use them up, and those behind them soon take any letters. */
const USUAL_ATTEMPTS = 250
const OTHER_ATTEMPTS = 125
const MANY_VALUES = 1000
const FEW_ATTEMPTS = 10
/** UTF-16 units; a longer name is told by its digest, since each choice reads the name. */
const LONG_NAME = 4096

/**
 * The guard of a conversation, for long texts and many values too. Throws GatewayError `invalid_request` when
 * there is a value for which no alias can be found.
 */
export function* makingGuard({ values, texts, secret, conversation }: GuardOptions): SlicedWork<Guard> {
  const tellable = yield* distinct(values)
  const real: string[] = []
  for (const value of tellable) {
    real.push(...allForms(value))
    yield
  }
  const realForms = yield* FormMatcher.making(real)
  const name = conversation.length > LONG_NAME ? digestOf(conversation) : conversation
  const attempt = (index: number, count: number): AliasedForm[] => {
    const value = tellable[index] as PrivateValue
    const label = [name, value.kind, value.value, count].join('\0')
    const fallback = fallbackKind(index, count)
    const kind = fallback ?? value.kind
    return aliasOf({ ...value, kind }, new KeyedChoice(secret, label), { keepsWords: fallback === null })
  }
  const isOwn = (forms: readonly AliasedForm[]) =>
    forms.every(({ alias }) => isTellable(alias) && realForms.find(alias).length === 0) && !isAmbiguous(forms)
  const free = new FreeAliases(tellable.length, { texts, attempt, isOwn, mostAttempts: MOST_ATTEMPTS })
  const forms: AliasedForm[] = []
  for (const [index, value] of tellable.entries()) {
    const found = yield* free.take(index)
    if (found === null) throw noAlias(value)
    forms.push(...found)
  }
  const aliasForms = yield* FormMatcher.making(
    forms.map(({ alias }) => alias),
    { isWholeWords: true },
  )
  return new Guard({ forms, realForms, aliasForms })
}

/** The same in one go. */
export function makeGuard(options: GuardOptions): Guard {
  return runWhole(makingGuard(options))
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64')
}

/** Words of any kind, and in the end letters without a meaning, of which there are always others. */
function fallbackKind(index: number, attempt: number): PrivateKind | null {
  const isOneOfMany = index >= MANY_VALUES
  const usual = isOneOfMany ? FEW_ATTEMPTS : USUAL_ATTEMPTS
  const other = isOneOfMany ? FEW_ATTEMPTS : OTHER_ATTEMPTS
  if (attempt < usual) return null
  return attempt < usual + other ? 'other' : 'number'
}

/** A form from its first to its last letter or digit: what stands around them is not part of it. */
function withoutEdges(form: string): string {
  return form.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}\p{M}]+$/gu, '')
}

/** Values of which the first of two with the same text counts. */
function* distinct(values: readonly PrivateValue[]): SlicedWork<PrivateValue[]> {
  const seen = new Set<string>()
  const isNew = (form: string) => {
    if (seen.has(form)) return false
    seen.add(form)
    return isTellable(form)
  }
  const found: PrivateValue[] = []
  for (const { kind, ...value } of values) {
    const [first, ...forms] = allForms({ kind, ...value })
      .map(withoutEdges)
      .filter(isNew)
    if (first !== undefined) found.push({ kind, value: first, forms })
    yield
  }
  return found
}

/** Whether two forms that are not the same text have the same alias, or an alias is its own form. */
function isAmbiguous(forms: readonly AliasedForm[]): boolean {
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
