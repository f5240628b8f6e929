import { GatewayError } from '../gateway-error.ts'

/** The failure of reading one model file: names the file and what to do. */
export function modelFileInvalid(path: string, what: string, cause?: unknown): GatewayError {
  return new GatewayError('model_file_invalid', `The model file ${path} cannot be used: ${what}`, { cause })
}
