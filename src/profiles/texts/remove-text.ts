import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import { GatewayError } from '../../gateway-error.ts'
import { inSlices } from '../../work-slices.ts'
import { profilePath, replaceTextsFile, type WriteOptions } from '../files/replace-profile-file.ts'
import { loadTexts, textLine, textsPath } from '../files/texts-file.ts'
import { writeProfile } from '../files/write-profile.ts'
import type { HistoryEntry } from '../profile.ts'
import { profileInvalid } from '../profile-problem.ts'
import { ownProfile } from './add-texts.ts'

/** Names a text by what it says, without telling it. */
export function textKey({ text }: HistoryEntry): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 24)
}

/**
 * Takes a text out of a profile, whichever of its files holds it, and returns the backup's name. Throws
 * `profile_not_found` when there is no such profile or text, and `profile_invalid` when a file is broken.
 */
export async function removeText(
  folder: string,
  { id, key, options = {} }: { readonly id: string; readonly key: string; readonly options?: WriteOptions },
): Promise<string | null> {
  const stays = (entry: HistoryEntry) => textKey(entry) !== key
  const beside = await loadTexts(textsPath(profilePath(folder, id)))
  if (!beside.ok) throw profileInvalid(beside.problems)
  const kept = beside.texts.filter(stays)
  if (kept.length < beside.texts.length) {
    return basename(
      await replaceTextsFile(folder, {
        id,
        lines: await inSlices(kept, (entry) => Buffer.from(textLine(entry))),
        options,
      }),
    )
  }
  const own = await ownProfile(folder, id)
  const history = own.history.filter(stays)
  if (history.length < own.history.length) return writeProfile(folder, { ...own, history }, options)
  throw new GatewayError('profile_not_found', 'The profile has no such text (any more). List its texts.')
}
