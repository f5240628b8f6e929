// This room owns `costeer profiles export` and `add`: a profile as one file, to take it elsewhere.

import { writeFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { errorCode } from '../../error-code.ts'
import { GatewayError } from '../../gateway-error.ts'
import { addProfileFiles, packProfile, unpackProfile } from '../../profiles/files/profile-archive.ts'
import { readProblem, readRegularFile } from '../../read-regular-file.ts'
import { writeJson, writeLine } from '../terminal/command-output.ts'
import { shellWord } from '../terminal/shell-word.ts'

const MAX_ARCHIVE_BYTES = 128 * 1024 * 1024

interface Output {
  readonly command: Command
  readonly json: boolean
}

/** Writes a profile of a folder with its texts as one file, for its owner alone. */
export async function exportProfile(
  folder: string,
  { id, out = `${id}.costeer.zip` }: { readonly id: string; readonly out?: string | undefined },
  { command, json }: Output,
): Promise<void> {
  const packed = await packProfile(folder, id)
  await writeFile(out, packed, { flag: 'wx', mode: 0o600 }).catch((cause: unknown) => {
    const message =
      errorCode(cause) === 'EEXIST'
        ? `${out} exists already. Name another file with --out.`
        : `${out} cannot be written (${errorCode(cause)}).`
    throw new GatewayError('invalid_request', message, { cause })
  })
  if (json) writeJson(command, { id, file: out })
  else
    writeLine(
      command,
      `Wrote ${out}: the profile and its texts, readable by whoever has the file. There: costeer profiles add ${shellWord(out)}`,
    )
}

/** Puts a profile that `exportProfile` wrote into a folder. */
export async function addProfile(
  folder: string,
  { file, replace }: { readonly file: string; readonly replace: boolean },
  { command, json }: Output,
): Promise<void> {
  const packed = await readRegularFile(file, MAX_ARCHIVE_BYTES).catch((cause: unknown) => {
    throw new GatewayError('invalid_request', `${file} cannot be read (${readProblem(cause)}).`, { cause })
  })
  const content = await unpackProfile(packed, file)
  await addProfileFiles(folder, content, { replaces: replace })
  const { id } = content
  if (json) writeJson(command, { id, folder })
  else writeLine(command, `Added the profile "${id}" to ${folder}.`)
}
