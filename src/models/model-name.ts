import { basename } from 'node:path'
import { GatewayError } from '../gateway-error.ts'
import { type Catalogue, modelNameSchema } from './catalogue.ts'

/**
 * `Qwen2.5-Coder-0.5B-Instruct.Q4_K_M.gguf` gives `qwen2.5-coder-0.5b-instruct.q4_k_m`, `Qwen/Qwen3-0.6B`
 * gives `qwen3-0.6b`, and a folder of the hub's cache, which is named after a commit, what its repository
 * gives.
 */
export function nameOfFile(path: string): string {
  const [, repository] = /models--[^/\\]+--([^/\\]+)[/\\]snapshots[/\\][^/\\]+$/.exec(path) ?? []
  return (repository ?? basename(path))
    .replace(/(-\d{5}-of-\d{5})?\.gguf$/i, '')
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, 64)
}

/** What a model that is to be called `name` is called: an alias of the catalogue's stands for its entry. */
export function givenName(name: string, catalogue: Catalogue): string {
  return catalogue.find(name)?.name ?? checkedName(name)
}

/** Throws GatewayError `invalid_request` for what is no name of a model. */
export function checkedName(name: string): string {
  if (modelNameSchema.safeParse(name).success) return name
  throw new GatewayError(
    'invalid_request',
    `"${name}" is no model name. Use up to 64 of a-z, 0-9, ".", "_" and "-", beginning with a letter or digit.`,
    { param: 'name' },
  )
}
