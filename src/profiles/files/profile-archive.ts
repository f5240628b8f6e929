import { strFromU8, unzipSync, zipSync } from 'fflate'
import { GatewayError } from '../../gateway-error.ts'
import { readRegularFile } from '../../read-regular-file.ts'
import { decodeUtf8 } from '../../read-yaml.ts'
import { isProfileId } from '../profile.ts'
import { profileInvalid } from '../profile-problem.ts'
import { MAX_PROFILE_BYTES, PROFILE_EXTENSION } from './load-profile.ts'
import { parseProfile } from './parse-profile.ts'
import { readProfileSource } from './read-profile-source.ts'
import { profilePath, replaceProfileFile, replaceTextsFile } from './replace-profile-file.ts'
import { loadTexts, MAX_TEXTS_BYTES, parseTexts, textsPath } from './texts-file.ts'

/** A profile as its files have it. */
interface ProfileFilesContent {
  readonly id: string
  readonly source: string
  /** The file of the texts beside it; null for none. */
  readonly texts: string | null
}

/**
 * A profile with its texts as one zip, in which the files are as they stand, comments included. Rejects with
 * `profile_not_found`, and `profile_invalid` for files that cannot be read or are broken.
 */
export async function packProfile(folder: string, id: string): Promise<Uint8Array> {
  const path = profilePath(folder, id)
  const own = await readProfileSource(folder, id)
  if (own === null) throw new GatewayError('profile_not_found', `There is no profile "${id}" in ${folder}.`)
  const beside = textsPath(path)
  const loaded = await loadTexts(beside)
  if (!loaded.ok) throw profileInvalid(loaded.problems)
  const texts = loaded.texts.length === 0 ? null : await readRegularFile(beside, MAX_TEXTS_BYTES)
  const name = `${id}${PROFILE_EXTENSION}`
  return zipSync({
    [name]: Buffer.from(own.text),
    ...(texts !== null && { [textsPath(name)]: texts }),
  })
}

/** Reads what `packProfile` made. Throws `profile_invalid` for anything else. */
export async function unpackProfile(packed: Uint8Array, file: string): Promise<ProfileFilesContent> {
  const files = unpacked(packed, file)
  const [name, ...others] = Object.keys(files).filter((one) => one.endsWith(PROFILE_EXTENSION))
  const id = name?.slice(0, -PROFILE_EXTENSION.length) ?? ''
  if (name === undefined || others.length > 0 || !isProfileId(id)) throw noArchive(file)
  const source = decodeUtf8(files[name] ?? new Uint8Array())
  const lines = files[textsPath(name)]
  if (source === null) throw noArchive(file)
  const parsed = parseProfile(source, `${file}, ${name}`)
  if (!parsed.ok) throw profileInvalid(parsed.problems)
  if (parsed.profile.id !== id) throw noArchive(file)
  const texts = lines === undefined ? null : strFromU8(lines)
  const checked = await parseTexts(texts ?? '', `${file}, ${textsPath(name)}`)
  if (!checked.ok) throw profileInvalid(checked.problems)
  return { id, source, texts }
}

/**
 * Puts an unpacked profile into a folder. Rejects with `invalid_request` where there is one of its id
 * already, unless it `replaces` that: the version before is then a backup.
 */
export async function addProfileFiles(
  folder: string,
  { id, source, texts }: ProfileFilesContent,
  { replaces }: { readonly replaces: boolean },
): Promise<void> {
  const before = await readProfileSource(folder, id)
  if (before !== null && !replaces) {
    const message = `There is a profile "${id}" in ${folder} already. Replace it with --replace; it stays as a backup.`
    throw new GatewayError('invalid_request', message)
  }
  await replaceProfileFile(folder, { id, source })
  const loaded = await loadTexts(textsPath(profilePath(folder, id)))
  const hasTexts = !loaded.ok || loaded.texts.length > 0
  if (texts !== null || hasTexts) await replaceTextsFile(folder, { id, lines: [Buffer.from(texts ?? '')] })
}

function unpacked(packed: Uint8Array, file: string): Record<string, Uint8Array> {
  try {
    return unzipSync(packed, {
      filter: ({ name, originalSize }) => {
        const most = name.endsWith(PROFILE_EXTENSION) ? MAX_PROFILE_BYTES : MAX_TEXTS_BYTES
        return !name.includes('/') && originalSize <= most
      },
    })
  } catch {
    throw noArchive(file)
  }
}

function noArchive(file: string): GatewayError {
  const message = `${file} holds no profile. Give a file that "costeer profiles export" wrote.`
  return new GatewayError('profile_invalid', message)
}
