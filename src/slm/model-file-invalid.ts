// Slm: the small local model, from its file to two streams in a worker thread. This room owns how its files
// can fail; all else lies in its folders. It must not know profiles, upstreams or HTTP.

import { GatewayError } from '../gateway-error.ts'

/** The failure of reading one model file: names the file and what to do. */
export function modelFileInvalid(path: string, what: string, cause?: unknown): GatewayError {
  return new GatewayError('model_file_invalid', `The model file ${path} cannot be used: ${what}`, { cause })
}
