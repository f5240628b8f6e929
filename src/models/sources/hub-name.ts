import { basename } from 'node:path'
import { partNames } from '../../slm/gguf/part-files.ts'

/** A repository of the hub, and what of it is wanted. */
export interface HubName {
  /** `OWNER/NAME` */
  readonly repo: string
  /** A quantisation such as `Q8_0`, or the name of a GGUF file; null where the repository is to say. */
  readonly wanted: string | null
}

const SITE = /^(?:https:\/\/)?(?:hf\.co|huggingface\.co)\/(?=[^/]+\/)/
const NAME = /^(\w[\w.-]*\/\w[\w.-]*)(?::([\w./-]+)|\/([\w./-]+\.gguf))?$/i

/**
 * What a name of the hub says: `OWNER/NAME`, `OWNER/NAME:Q8_0` as llama.cpp and Ollama write it, or
 * `OWNER/NAME/FILE.gguf`, each also behind the hub's address. Null for what is no such name.
 */
export function hubName(name: string): HubName | null {
  const [, repo, behindColon, file] = NAME.exec(name.replace(SITE, '')) ?? []
  return repo === undefined ? null : { repo, wanted: behindColon ?? file ?? null }
}

/** Labels in names of files: the library's own pattern knows no Q4_K_L, and takes Q4_0_4_4 for Q4_0. */
const LABEL =
  /(?<![a-z0-9])(?:ud-)?(?:i?q\d+|tq\d|mxfp\d|nvfp\d|bf16|fp?16|fp?32)(?:_[a-z0-9]+)*(?![a-z0-9])/gi

/** The quantisation by which a GGUF file is named, such as `Q4_K_M` or `UD-Q4_K_XL`; null where none is. */
export function quantisationOf(file: string): string | null {
  const labels = basename(file)
    .replace(/(-\d{5}-of-\d{5})?\.gguf$/i, '')
    .match(LABEL)
  return labels?.at(-1)?.toUpperCase().replace(/^FP/, 'F') ?? null
}

/** Whether a GGUF file, or a split one of which it is a part, is what is wanted of its repository. */
export function isWantedFile(file: string, wanted: string): boolean {
  const asked = wanted.toLowerCase()
  if (!asked.endsWith('.gguf')) return quantisationOf(file)?.toLowerCase() === asked.replace(/^fp/, 'f')
  const names = partNames(file.toLowerCase())
  return names.some((name) => name === asked || basename(name) === asked)
}
