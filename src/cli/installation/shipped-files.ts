// This room owns what belongs to this installation: the files that came with the program, its version, and
// the user's own configuration. It must not know what the configuration says.

import { sep } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** The upstreams for which a configuration comes with the program, and its files. */
export const shippedConfigs = {
  embedded: `${root}config/default.yaml`,
  'llama-cpp': `${root}config/llama-cpp.yaml`,
  vllm: `${root}config/vllm.yaml`,
  sglang: `${root}config/sglang.yaml`,
  'openai-completions': `${root}config/openai-completions.yaml`,
} as const

/** The JSON schema of configuration files, for editors. */
export const shippedSchema = `${root}config/schema.json`

/** The folder of the invented people that come with the program. */
export const shippedProfiles = `${root}profiles`

/** Whether the program is an installed package, whose folder the next update replaces. */
export const isInstalledPackage = root.split(sep).includes('node_modules')
