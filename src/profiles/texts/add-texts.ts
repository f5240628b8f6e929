// This room owns what is added to a profile's texts and taken from them, and which texts are alike. No error
// that leaves it repeats what a text says.

import { basename } from 'node:path'
import { GatewayError } from '../../gateway-error.ts'
import { inSlices } from '../../work-slices.ts'
import { parseProfile } from '../files/parse-profile.ts'
import { readProfileSource } from '../files/read-profile-source.ts'
import { replaceTextsFile, type WriteOptions } from '../files/replace-profile-file.ts'
import { textLine } from '../files/texts-file.ts'
import { writeProfile } from '../files/write-profile.ts'
import type { HistoryEntry, Profile } from '../profile.ts'
import { profileInvalid } from '../profile-problem.ts'
import { KnownTexts } from './known-texts.ts'

/** More texts than this are not kept for one profile. */
const MOST_TEXTS = 20_000

export interface Additions {
  readonly texts: readonly HistoryEntry[]
  readonly facts: readonly string[]
  /** Whether texts that nearly are there already are added all the same. */
  readonly addSimilar: boolean
}

export interface AddedTexts {
  readonly added: number
  readonly facts: number
  /** Of those given, how many were there already, word for word. */
  readonly same: number
  /** And nearly. */
  readonly similar: number
  /** Texts that the profile has now. */
  readonly total: number
  /** The last backup that was made; null when nothing was to be added. */
  readonly backup: string | null
}

/**
 * Adds the texts that a profile does not have to the file beside it, and the new facts to its own. What is
 * added twice is there once. `profile` is what the files hold. Throws `profile_invalid` when a file is a link
 * or no regular file, and `invalid_request` when there would be too many texts.
 */
export async function addTexts(
  folder: string,
  profile: Profile,
  { texts, facts, addSimilar }: Additions,
  options: WriteOptions = {},
): Promise<AddedTexts> {
  const { id, history } = profile
  const known = await KnownTexts.of(
    history.map(({ text }) => text),
    { similar: !addSimilar },
  )
  const likeness = await known.addAll(texts.map(({ text }) => text))
  const fresh = texts.filter((_, index) => likeness[index] === null)
  const newFacts = [...new Set(facts)].filter((fact) => !profile.facts.includes(fact))
  const total = history.length + fresh.length
  if (total > MOST_TEXTS && fresh.length > 0) throw tooMany(total)

  let backup: string | null = null
  if (newFacts.length > 0) backup = await addFacts(folder, id, newFacts, options)
  if (fresh.length > 0) {
    const lines = await inSlices(fresh, (entry) => Buffer.from(textLine(entry)))
    backup = basename(await replaceTextsFile(folder, { id, lines, appends: true, options }))
  }
  return {
    added: fresh.length,
    facts: newFacts.length,
    same: likeness.filter((one) => one === 'same').length,
    similar: likeness.filter((one) => one === 'similar').length,
    total,
    backup,
  }
}

async function addFacts(
  folder: string,
  id: string,
  facts: readonly string[],
  options: WriteOptions,
): Promise<string | null> {
  const own = await ownProfile(folder, id)
  return writeProfile(folder, { ...own, facts: [...own.facts, ...facts] }, options)
}

/** A profile as its own file has it, without the texts beside it. */
export async function ownProfile(folder: string, id: string): Promise<Profile> {
  const source = await readProfileSource(folder, id)
  if (source === null) throw new GatewayError('profile_not_found', 'There is no profile of this id.')
  const parsed = parseProfile(source.text, `${id}.yaml`)
  if (parsed.ok) return parsed.profile
  throw profileInvalid(parsed.problems)
}

function tooMany(total: number): GatewayError {
  const message = `The profile would have ${total} texts, and at most ${MOST_TEXTS} are kept. Add the best ones.`
  return new GatewayError('invalid_request', message, { param: 'texts' })
}
