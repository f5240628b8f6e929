import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { LineCounter, parseDocument } from 'yaml'
import { GatewayError } from '../gateway-error.ts'
import { isRemote } from '../upstream/kinds.ts'
import { readKeyFiles } from './read-key-files.ts'
import { type Config, configSchema } from './schema.ts'

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
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new GatewayError('config_invalid', `The configuration file ${file} cannot be read.`, { cause })
  })
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  const broken = document.errors[0]
  if (broken !== undefined) {
    const { line } = lines.linePos(broken.pos[0])
    throw new GatewayError('config_invalid', `${file}:${line} is not valid YAML (${broken.code}).`)
  }
  const parsed = configSchema.safeParse(document.toJS() ?? {})
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => {
      const where = document.getIn(issue.path.slice(0, -1), true)
      const key = issue.path.join('.') || '(top level)'
      return `  ${file}:${lineOf(where ?? document.contents, lines)} ${key}: ${issue.message}`
    })
    throw new GatewayError(
      'config_invalid',
      `The configuration has ${problems.length} problem(s):\n${problems.join('\n')}`,
    )
  }
  const { server, profiles } = parsed.data
  const folder = dirname(file)
  const keys = await readKeyFiles(server.keys, folder)
  const upstreams = withAbsolutePaths(parsed.data.upstreams, folder)
  const config = { ...parsed.data, server: { ...server, keys }, upstreams }
  const readableKeys = server.keys.filter(({ key }) => key !== undefined).length
  return { config, file, profileFolder: resolve(folder, profiles.folder), readableKeys }
}

function lineOf(node: unknown, lines: LineCounter): number {
  const range = typeof node === 'object' && node !== null && 'range' in node ? node.range : null
  return Array.isArray(range) && typeof range[0] === 'number' ? lines.linePos(range[0]).line : 1
}

function withAbsolutePaths(upstreams: Config['upstreams'], folder: string): Config['upstreams'] {
  return Object.fromEntries(
    Object.entries(upstreams).map(([name, upstream]) => {
      if (!isRemote(upstream)) return [name, upstream]
      const { api_key_file: keyFile, tokenizer } = upstream
      const paths = {
        ...(keyFile !== undefined && { api_key_file: resolve(folder, keyFile) }),
        ...(tokenizer !== undefined && isPath(tokenizer) && { tokenizer: resolve(folder, tokenizer) }),
      }
      return [name, { ...upstream, ...paths }]
    }),
  )
}

/** Names of models hold no slashes. */
function isPath(tokenizer: string): boolean {
  return /[/\\]|\.gguf$/i.test(tokenizer)
}
