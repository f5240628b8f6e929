import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { pythonPackages } from '../python-packages.ts'

const run = promisify(execFile)

/** Which properties of every response count, and how many requests are made up for each operation. */
export interface FuzzOptions {
  readonly url: string
  readonly maxExamples: number
  readonly seed: number
  readonly headers?: Readonly<Record<string, string>>
  readonly phases?: string
  /** The only path to ask; by default all of them. */
  readonly path?: string
}

/**
 * What a well-described server never does: fail, answer outside its description, or take
 * what it says it refuses.
 */
const checks = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
  'negative_data_rejection',
  'unsupported_method',
  'allow_header_conformance',
]

/** Makes requests up from `url`/openapi.json. Rejects with the report of what it found. */
export async function schemathesis(options: FuzzOptions): Promise<void> {
  const {
    url,
    maxExamples,
    seed,
    headers = {},
    phases = 'examples,coverage,fuzzing,stateful',
    path,
  } = options
  const programs = await pythonPackages('fuzz', new URL('requirements.txt', import.meta.url))
  const parameters = [
    ['--config-file', new URL('schemathesis.toml', import.meta.url).pathname],
    ['run', `${url}/openapi.json`],
    ['--checks', checks.join(',')],
    ['--max-examples', String(maxExamples)],
    ['--seed', String(seed)],
    ['--phases', phases],
    ['--request-timeout', '120'],
    ['--suppress-health-check', 'all'],
    ['--continue-on-failure'],
    ...Object.entries(headers).map(([name, value]) => ['--header', `${name}: ${value}`]),
    ...(path === undefined ? [] : [['--include-path', path]]),
  ]
  const settings = { maxBuffer: 64 * 2 ** 20, env: { ...process.env, NO_COLOR: '1' } }
  await run(join(programs, 'schemathesis'), parameters.flat(), settings).catch(
    (failure: { readonly stdout?: string; readonly stderr?: string }) => {
      throw new Error(`${failure.stdout}\n${failure.stderr}`)
    },
  )
}
