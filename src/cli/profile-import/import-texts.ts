// This room owns `costeer profiles import`: which files are read, and how what they hold is shown. It must
// not know the formats of other programs.

import type { Command } from 'commander'
import { GatewayError } from '../../gateway-error.ts'
import { type ImportPreview, previewImport } from '../../profiles/importing/import-preview.ts'
import type { Profile } from '../../profiles/profile.ts'
import { type AddedTexts, addTexts } from '../../profiles/texts/add-texts.ts'
import { writeJson, writeLine, writeRemark } from '../terminal/command-output.ts'
import { confirm } from '../terminal/confirm.ts'
import { importPaths } from './import-paths.ts'
import { importTable } from './import-table.ts'

export interface ImportTextsOptions {
  readonly from: readonly string[]
  readonly dryRun: boolean
  readonly yes: boolean
  readonly json: boolean
}

/** Shows what files hold that a profile of a folder lacks, and adds it if the user wants. */
export async function importTexts(
  folder: string,
  { profile, paths }: { readonly profile: Profile; readonly paths: readonly string[] },
  { options, command }: { readonly options: ImportTextsOptions; readonly command: Command },
): Promise<void> {
  const preview = await previewImport(importPaths(paths), profile, options)
  if (preview.needsFrom) throw whichSender(preview)
  const print = options.json ? writeRemark : writeLine
  print(command, importTable(preview))
  if (preview.counts.new === 0 || options.dryRun) {
    if (options.json) writeJson(command, { ...preview, added: 0 })
    return
  }
  const question = `Add these to the profile "${profile.id}"?`
  if (!options.yes && !(await confirm(question, { option: '--yes' }))) {
    writeRemark(command, 'Nothing was added.')
    return
  }
  const added = await addTexts(folder, profile, additions(preview))
  if (options.json) writeJson(command, added)
  else writeLine(command, summary(profile.id, added))
}

function additions({ texts, facts }: ImportPreview) {
  return {
    texts: texts
      .filter(({ like }) => like === null)
      .map(({ task, text, date }) => ({ task, text, ...(date !== null && { date }) })),
    facts: facts.filter(({ like }) => like === null).map(({ text }) => text),
    addSimilar: false,
  }
}

function summary(id: string, { added, facts, total, backup }: AddedTexts): string {
  const undo = backup === null ? '' : ` The version before is the backup ${backup}.`
  return `Added ${added} texts and ${facts} facts to "${id}", which has ${total} texts now.${undo}`
}

function whichSender({ senders }: ImportPreview): GatewayError {
  const most = senders.slice(0, 5).map(({ address, messages }) => `${address} (${messages})`)
  const message = `Only mail that you wrote yourself is imported. Say who you are with --from ADDRESS, repeated for further ones. Most messages come from ${most.join(', ')}.`
  return new GatewayError('invalid_request', message)
}
