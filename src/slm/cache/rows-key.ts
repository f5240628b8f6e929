import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { dirname, join } from 'node:path'
import { env } from 'onnxruntime-node'
import type { BuiltGraph } from '../graph/model-graph.ts'

/** To be raised whenever the same graph gives other rows, or files of rows another form. */
const ROWS_VERSION = 1

/** What `prepareGraph` writes beside the graph: of the weights' origin, and how they were built. */
const MANIFEST_FILE = 'graph.json'

/** What says which kernels the runtime takes: a virtual machine may hide the processor's own name. */
const VECTOR_FLAG = /^(sse|ssse|avx|amx|fma|f16c|bmi|asimd|sve|sme|i8mm|bf16|neon|fphp)/

/** Names all that rows depend on beside their tokens, which threads are not; null where it cannot be told. */
export function rowsKey(graph: BuiltGraph): string | null {
  const { pair } = graph.graphPaths
  const manifest = readIfThere(join(dirname(pair), MANIFEST_FILE))
  if (manifest === null) return null
  const about = [ROWS_VERSION, manifest, pair, env.versions, processor()]
  return createHash('sha256').update(JSON.stringify(about)).digest('hex').slice(0, 16)
}

function processor(): readonly (string | undefined)[] {
  return [process.arch, cpus()[0]?.model, ...vectorFlags()]
}

function vectorFlags(): string[] {
  const about = readIfThere('/proc/cpuinfo') ?? ''
  const [, flags = ''] = /^(?:flags|Features)\s*:(.*)$/m.exec(about) ?? []
  return flags.split(' ').filter((flag) => VECTOR_FLAG.test(flag))
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
