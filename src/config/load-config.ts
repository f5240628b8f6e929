import { dirname, resolve } from 'node:path'
import type { z } from 'zod'
import { didYouMean } from '../did-you-mean.ts'
import { GatewayError } from '../gateway-error.ts'
import { knownKeys } from '../known-keys.ts'
import { isModelPath } from '../models/files/model-at-path.ts'
import { readProblem, readRegularFile } from '../read-regular-file.ts'
import { decodeUtf8, readYaml } from '../read-yaml.ts'
import { isRemote } from '../upstream/kinds.ts'
import { readKeyFiles } from './read-key-files.ts'
import { type Config, configSchema } from './schema.ts'

const MAX_BYTES = 4 * 1024 * 1024
const MAX_ALIASES = 100

/**
 * A checked configuration, with the profile folder and upstreams' key files and tokenizer files as absolute
 * paths, and `sha256` in place of each `key_file`.
 */
export interface LoadedConfig {
  readonly config: Config
  readonly file: string
  readonly profileFolder: string
  /** Clients' keys that can be read in the file itself. */
  readonly readableKeys: number
}

/**
 * Reads and checks a YAML configuration file. Rejects with `config_invalid`, which names file, line and key.
 */
export async function loadConfig(path: string): Promise<LoadedConfig> {
  const file = resolve(path)
  const bytes = await readRegularFile(file, MAX_BYTES).catch((cause: unknown) => {
    const message = `The configuration file ${file} cannot be read (${readProblem(cause)}).`
    throw new GatewayError('config_invalid', message, { cause })
  })
  const text = decodeUtf8(bytes)
  if (text === null) throw new GatewayError('config_invalid', `${file} is not UTF-8 text. Save it as that.`)
  const read = readYaml(text, { maxAliasCount: MAX_ALIASES })
  if (!read.ok) {
    const problems = read.problems.map(
      ({ line, message }) => `${file}:${line} is not valid YAML: ${message}.`,
    )
    throw new GatewayError('config_invalid', problems.join('\n'))
  }
  const parsed = configSchema.safeParse(read.content ?? {})
  if (!parsed.success) {
    const problems = parsed.error.issues.flatMap((issue) =>
      problemsOf(issue, read.content).map(
        ({ path, message }) =>
          `  ${file}:${read.lineOf(path)} ${issue.path.join('.') || '(top level)'}: ${message}`,
      ),
    )
    throw new GatewayError(
      'config_invalid',
      `The configuration has ${problems.length} problem(s):\n${problems.join('\n')}`,
    )
  }
  const { server, profiles } = parsed.data
  const folder = dirname(file)
  const keys = await readKeyFiles(server.keys, folder)
  const upstreams = withAbsolutePaths(parsed.data.upstreams, folder)
  const { local: given } = parsed.data
  const local = given.kind === 'embedded' ? withModelPath(given, folder) : pathsFrom(given, folder)
  const config = { ...parsed.data, server: { ...server, keys }, local, upstreams }
  const readableKeys = server.keys.filter(({ key }) => key !== undefined).length
  return { config, file, profileFolder: resolve(folder, profiles.folder), readableKeys }
}

/** What an issue says, each wrong key by itself with the one that was probably meant. */
function problemsOf(issue: z.core.$ZodIssue, content: unknown) {
  const { path, message } = issue
  if (issue.code !== 'unrecognized_keys') return [{ path, message }]
  const known = knownKeys(configSchema, { path, content })
  return issue.keys.map((key) => ({
    path: [...path, key],
    message: `there is no key "${key}" here.${didYouMean(key, known)}`,
  }))
}

function withAbsolutePaths(upstreams: Config['upstreams'], folder: string): Config['upstreams'] {
  return Object.fromEntries(
    Object.entries(upstreams).map(([name, upstream]) => {
      return [name, isRemote(upstream) ? pathsFrom(upstream, folder) : withModelPath(upstream, folder)]
    }),
  )
}

/** Settings of a server with absolute paths in place of those relative to `folder`. */
function pathsFrom<Settings extends { api_key_file?: string | undefined; tokenizer?: string | undefined }>(
  settings: Settings,
  folder: string,
): Settings {
  const { api_key_file: keyFile, tokenizer } = settings
  return {
    ...settings,
    ...(keyFile !== undefined && { api_key_file: resolve(folder, keyFile) }),
    ...(tokenizer !== undefined && isModelPath(tokenizer) && { tokenizer: resolve(folder, tokenizer) }),
  }
}

/** A model that runs in this process, which may be named by where it lies. */
function withModelPath<Settings extends { model: string }>(settings: Settings, folder: string): Settings {
  const { model } = settings
  return isModelPath(model) ? { ...settings, model: resolve(folder, model) } : settings
}
