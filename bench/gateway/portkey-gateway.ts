import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { freePort } from '../programs/free-port.ts'
import { type RunningProgram, startProgram } from '../programs/running-program.ts'

const PACKAGE = '@portkey-ai/gateway'
export const PORTKEY_VERSION = '1.15.2'

/** What Portkey needs in its process to stream at all; see there. */
const STREAMS_FILE = 'bench/gateway/portkey-streams.mjs'

/** Starts Portkey's gateway as its package runs it, fetched into the cache folder the first time. */
export async function startPortkey(
  reply: 'whole' | 'streamed',
  writeLine: (line: string) => void,
): Promise<RunningProgram> {
  const folder = join(homedir(), '.cache', 'costeer-bench', `portkey-${PORTKEY_VERSION}`)
  const program = join(folder, 'node_modules', PACKAGE, 'build', 'start-server.js')
  if (!existsSync(program)) {
    writeLine(`Fetching ${PACKAGE} ${PORTKEY_VERSION} …`)
    const parameters = ['install', '--ignore-scripts', '--no-save', '--prefix', folder]
    await promisify(execFile)('npm', [...parameters, `${PACKAGE}@${PORTKEY_VERSION}`])
  }
  const port = await freePort()
  const preload = reply === 'streamed' ? ['--import', pathToFileURL(STREAMS_FILE).href] : []
  const parameters = [...preload, program, `--port=${port}`, '--headless']
  const running = await startProgram(process.execPath, parameters, /(Ready for connections)/)
  return { ...running, announced: `http://127.0.0.1:${port}` }
}

/** Headers that make Portkey pass a request to `url`. */
export function portkeyHeaders(url: string): Record<string, string> {
  return {
    'x-portkey-provider': 'openai',
    'x-portkey-custom-host': `${url}/v1`,
    authorization: 'Bearer not-needed',
  }
}
