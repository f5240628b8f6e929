import { access } from 'node:fs/promises'
import type { Command } from 'commander'
import { InvalidArgumentError } from 'commander'
import { errorCode } from '../error-code.ts'
import { HISTORY_LIMIT, previewPrompt } from '../gateway/prompts/private-prompt.ts'
import { GatewayError } from '../gateway-error.ts'
import { loadProfile } from '../profiles/files/load-profile.ts'
import { profileTemplate } from '../profiles/files/profile-template.ts'
import { profilePath, replaceProfileFile } from '../profiles/files/replace-profile-file.ts'
import { serializeProfile } from '../profiles/files/serialize-profile.ts'
import { textsPath } from '../profiles/files/texts-file.ts'
import type { Profile } from '../profiles/profile.ts'
import { formatProblem, profileInvalid } from '../profiles/profile-problem.ts'
import { ProfileStore } from '../profiles/profile-store.ts'
import { saysNothing } from '../profiles/profile-summary.ts'
import { suggestedValues } from '../profiles/suggested-values.ts'
import { ownProfile } from '../profiles/texts/add-texts.ts'
import { withFileLimit } from '../read-regular-file.ts'
import { loadCommandConfig } from './installation/config-file.ts'
import { addProfile, exportProfile } from './profile-archive/archive-commands.ts'
import { type ImportTextsOptions, importTexts } from './profile-import/import-texts.ts'
import { writeJson, writeLine, writeRemark } from './terminal/command-output.ts'
import { shellWord } from './terminal/shell-word.ts'

const FILL_IN =
  'Give it some facts and a few texts of yours: "costeer profiles import" takes mail, chats and documents.'

interface FolderOptions {
  readonly folder?: string
  readonly config?: string
  readonly json: boolean
}

interface PreviewOptions extends FolderOptions {
  readonly query: string
  readonly system?: string
  readonly historyLimit: number
}

/**
 * `costeer profiles`: list, show, new, check, preview, import, export and add. All print to the program's
 * output and reject with GatewayError.
 */
export function addProfilesCommand(program: Command): void {
  const profiles = program.command('profiles').description('Write, check and try private profiles.')
  const add = (usage: string, description: string) =>
    profiles
      .command(usage)
      .description(description)
      .option('-f, --folder <folder>', "folder of profile files, instead of the configuration's")
      .option('-c, --config <file>', 'configuration file (COSTEER_CONFIG; default: the one of "serve")')
      .option('--json', 'print JSON', false)

  add('list', 'List the profiles of the folder.').action(list)
  add('show', 'Print a profile.').argument('<id>').action(show)
  add('new', 'Write a new profile file to fill in.')
    .argument('<id>', "kebab-case; the file's name without .yaml")
    .option('-n, --name <name>', "the user's name (default: the id)")
    .action(create)
  add('check', 'Check all profiles, or those named. Fails when one is broken.')
    .argument('[ids...]')
    .action(check)
  add(
    'preview',
    "Print the exact messages that a profile puts before a conversation in the local model's steered stream.",
  )
    .argument('<id>')
    .option('-q, --query <text>', 'what the user asks; decides which past texts are taken', '')
    .option('-s, --system <text>', "the client's own system prompt")
    .option('--history-limit <count>', 'past texts at most', parseCount, HISTORY_LIMIT)
    .action(preview)
  add(
    'import',
    'Add texts of yours from other programs: exports of ChatGPT and Claude (zip or conversations.json), sent mail (mbox, eml), Markdown and text files, memories of Open WebUI. Shows what was found, and asks.',
  )
    .argument('<id>')
    .argument('<path...>', 'files, and folders of files')
    .option('--from <address...>', 'your own mail addresses; mail of others is left out', [])
    .option('-n, --dry-run', 'show what was found, and change nothing', false)
    .option('-y, --yes', 'add without asking', false)
    .action(importInto)
  add('export', 'Write a profile and its texts as one file, to take it to another machine.')
    .argument('<id>')
    .option('-o, --out <file>', 'file to write (default: ID.costeer.zip here)')
    .action(exportTo)
  add('add', 'Put a profile that "export" wrote into the folder.')
    .argument('<file>')
    .option('--replace', 'replace the profile of its id, which stays as a backup', false)
    .action(addFrom)
}

async function list(options: FolderOptions, command: Command): Promise<void> {
  const store = await ProfileStore.open(await folderOf(options), { watch: false })
  const rows = store.list().map(summary)
  if (options.json) {
    writeJson(command, { profiles: rows, problems: store.problems() })
    return
  }
  const width = Math.max(0, ...rows.map(({ id }) => id.length))
  for (const { id, name, facts, history } of rows) {
    writeLine(command, `${id.padEnd(width)}  ${name} (facts: ${facts}, texts: ${history})`)
  }
  for (const problem of store.problems()) writeRemark(command, formatProblem(problem))
}

async function show(id: string, options: FolderOptions, command: Command): Promise<void> {
  const folder = await folderOf(options)
  const { history } = await readProfile(folder, id)
  const own = await ownProfile(folder, id)
  if (options.json) writeJson(command, own)
  else writeLine(command, serializeProfile(own).trimEnd())
  const beside = history.length - own.history.length
  if (beside > 0) writeRemark(command, `Beside it: ${beside} texts in ${textsPath(profilePath(folder, id))}`)
}

async function create(id: string, options: FolderOptions & { readonly name?: string }, command: Command) {
  const folder = await folderOf(options)
  const path = profilePath(folder, id)
  if (await exists(path)) {
    throw new GatewayError('invalid_request', `${path} exists already. Choose another id, or edit that file.`)
  }
  await replaceProfileFile(folder, { id, source: profileTemplate(id, options.name ?? id) })
  if (options.json) writeJson(command, { id, file: path })
  else
    writeLine(
      command,
      `Wrote ${path}. Fill it in, then run: costeer profiles check ${id}${sameFolder(options)}`,
    )
}

async function check(ids: readonly string[], options: FolderOptions, command: Command): Promise<void> {
  const folder = await folderOf(options)
  const { profiles, problems } = ids.length === 0 ? await checkFolder(folder) : await checkNamed(folder, ids)
  const suggestions = profiles.map((profile) => ({ id: profile.id, private: suggestedValues(profile) }))
  const empty = profiles.filter(saysNothing).map(({ id }) => id)
  if (options.json) writeJson(command, { ok: problems.length === 0, problems, empty, suggestions })
  if (problems.length > 0) throw profileInvalid(problems)
  if (options.json) return
  const count = profiles.length
  writeLine(command, `${count} ${count === 1 ? 'profile is' : 'profiles are'} good.`)
  for (const id of empty)
    writeRemark(command, `${id} says nothing yet but a name, so answers stay as they are. ${FILL_IN}`)
  for (const { id, private: values } of suggestions) {
    if (values.length === 0) continue
    writeRemark(command, `${id} may hold more private values. Copy below "private:" what must not leave:`)
    for (const value of values) writeRemark(command, `  - ${JSON.stringify(value)}`)
  }
}

async function checkFolder(folder: string) {
  const store = await ProfileStore.open(folder, { watch: false })
  return { profiles: store.list(), problems: store.problems() }
}

async function checkNamed(folder: string, ids: readonly string[]) {
  const loaded = await Promise.all(ids.map((id) => loadProfile(profilePath(folder, id))))
  return {
    profiles: loaded.flatMap((one) => (one.type === 'loaded' ? [one.profile] : [])),
    problems: loaded.flatMap((one) => (one.type === 'broken' ? one.problems : [])),
  }
}

async function preview(id: string, options: PreviewOptions, command: Command): Promise<void> {
  const profile = await readProfile(await folderOf(options), id)
  const { historyLimit } = options
  const { messages, historyEntries } = previewPrompt(profile, options, { window: null, historyLimit })
  if (options.json) writeJson(command, { id, messages, history_entries: historyEntries })
  else writeLine(command, messages.map(({ role, text }) => `--- ${role}\n${text}`).join('\n\n'))
}

async function importInto(
  id: string,
  paths: readonly string[],
  options: FolderOptions & ImportTextsOptions,
  command: Command,
): Promise<void> {
  const folder = await folderOf(options)
  await importTexts(folder, { profile: await readProfile(folder, id), paths }, { options, command })
}

async function exportTo(
  id: string,
  options: FolderOptions & { readonly out?: string },
  command: Command,
): Promise<void> {
  const { out, json } = options
  await exportProfile(await folderOf(options), { id, out }, { command, json })
}

async function addFrom(
  file: string,
  options: FolderOptions & { readonly replace: boolean },
  command: Command,
): Promise<void> {
  const { replace, json } = options
  await addProfile(await folderOf(options), { file, replace }, { command, json })
}

async function readProfile(folder: string, id: string): Promise<Profile> {
  const path = profilePath(folder, id)
  if (!(await exists(path))) {
    const message = `There is no profile "${id}" in ${folder}. "costeer profiles list" shows all.`
    throw new GatewayError('profile_not_found', message)
  }
  const loaded = await loadProfile(path)
  if (loaded.type === 'loaded') return loaded.profile
  throw profileInvalid(loaded.type === 'broken' ? loaded.problems : [])
}

async function folderOf({ folder, config }: FolderOptions): Promise<string> {
  return folder ?? (await loadCommandConfig(config)).profileFolder
}

/** The options that lead another command to the same folder. */
function sameFolder({ folder, config }: FolderOptions): string {
  if (folder !== undefined) return ` --folder ${shellWord(folder)}`
  return config === undefined ? '' : ` --config ${shellWord(config)}`
}

async function exists(path: string): Promise<boolean> {
  try {
    await withFileLimit(path, () => access(path))
    return true
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false
    throw error
  }
}

function summary({ id, name, facts, preferences, history }: Profile) {
  return { id, name, facts: facts.length, preferences: preferences.length, history: history.length }
}

function parseCount(text: string): number {
  if (/^\d{1,4}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a whole number from 0.')
}
