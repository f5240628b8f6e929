import type { SlicedWork } from '../sliced-work.ts'
import { matchesIn } from './matches-in.ts'
import { allForms, type PrivateKind, type PrivateValue } from './private-value.ts'

/** A gap of which it is known what the client reads. */
export interface KnownGap {
  /** As texts leave it open, without what may stand behind: `[Your Name`. */
  readonly gap: string
  /** What the client reads: a value of the profile's owner, or the gap itself. */
  readonly value: string
}

/** How models ask for what only the writer knows, in several languages; longer gaps begin with these. */
const labels = {
  person: [
    'Your Name',
    'Your Full Name',
    'Your Signature',
    'My Name',
    'Ihr Name',
    'Dein Name',
    'Votre nom',
    'Ton nom',
    'Tu nombre',
    'Su nombre',
    'Il tuo nome',
    'Seu nome',
    'Uw naam',
    'Je naam',
  ],
  email: ['Your Email', 'Your E-mail', 'Ihre E-Mail', 'Votre e-mail', 'Tu correo', 'Su correo'],
  phone: [
    'Your Phone',
    'Your Telephone',
    'Your Mobile',
    'Your Contact Number',
    'Ihre Telefonnummer',
    'Votre numéro de téléphone',
    'Tu número de teléfono',
    'Su número de teléfono',
  ],
  address: [
    'Your Address',
    'Your Street Address',
    'Your Home Address',
    'Ihre Adresse',
    'Ihre Anschrift',
    'Votre adresse',
    'Tu dirección',
    'Su dirección',
  ],
} satisfies Partial<Record<PrivateKind, readonly string[]>>

/**
 * The gaps that a profile's declared values fill: with its name where that is declared, and with an e-mail
 * address, telephone number or address where it declares one alone. A gap that stands in the conversation
 * is one that somebody asked for.
 */
export function* ownerGaps(
  declared: readonly PrivateValue[],
  { name, conversation }: { readonly name: string; readonly conversation: readonly string[] },
): SlicedWork<KnownGap[]> {
  const said = conversation.join('\n').toLowerCase()
  yield
  const only = (kind: PrivateKind) => {
    const [value, ...others] = declared.filter((one) => one.kind === kind)
    return others.length === 0 ? value?.value : undefined
  }
  const isOwner = (one: PrivateValue) => one.kind === 'person' && allForms(one).includes(name)
  const values = {
    person: declared.some(isOwner) ? name : undefined,
    email: only('email'),
    phone: only('phone'),
    address: only('address'),
  }
  const gaps: KnownGap[] = []
  for (const [kind, value] of Object.entries(values)) {
    if (value === undefined) continue
    for (const label of labels[kind as keyof typeof labels].flatMap(writings)) {
      const gap = `[${label}`
      if (!said.includes(gap.toLowerCase())) gaps.push({ gap, value })
      yield
    }
  }
  return gaps
}

/** Of a conversation that is a template itself. */
const MOST_STANDING = 20
/** What leads somewhere is a link. */
const standing = { like: /\[\p{L}[^[\]\n]{0,60}\](?!\()/gu, most: 126 }

/** The gaps that somebody asked for: those that stand in the conversation stay as they are. */
export function* standingGaps(conversation: readonly string[]): SlicedWork<KnownGap[]> {
  const found = new Set<string>()
  for (const text of conversation) {
    for (const match of matchesIn(text, standing)) {
      if (found.size === MOST_STANDING) break
      if (match !== undefined) found.add(match.slice(1, -1))
      yield
    }
  }
  const gaps = [...found].flatMap(writings)
  return gaps.map((label) => ({ gap: `[${label}`, value: `[${label}` }))
}

/** As it stands, and in small, large and first letters. */
function writings(label: string): string[] {
  const [first = '', ...rest] = label
  const small = label.toLowerCase()
  const sentence = first + rest.join('').toLowerCase()
  return [...new Set([label, sentence, small, label.toUpperCase()])]
}
