import type { Config } from '../config/schema.ts'
import { GatewayError } from '../gateway-error.ts'

/** Maps a model name that a client sent to the name of an upstream. Throws `model_not_found`. */
export function upstreamName(models: Config['models'], requested: string): string {
  const target = Object.hasOwn(models.names, requested) ? models.names[requested] : models.catch_all
  if (target !== undefined) return target
  const known = Object.keys(models.names).join(', ')
  throw new GatewayError(
    'model_not_found',
    `The model "${requested}" does not exist here. Known models: ${known}.`,
    {
      param: 'model',
    },
  )
}
