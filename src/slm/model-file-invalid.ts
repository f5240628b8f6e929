// This room owns the local model: from its file to the rows of two streams. It must not
// know profiles, nor what its numbers are used for.

import { GatewayError } from '../gateway-error.ts'

/** The failure of reading one model file. */
export class ModelFileInvalid extends GatewayError {
  readonly path: string
  /** A sentence for people: what is wrong with it, and what to do. */
  readonly what: string

  constructor(path: string, what: string, cause?: unknown) {
    super('model_file_invalid', `The model file ${path} cannot be used: ${what}`, { cause })
    this.path = path
    this.what = what
  }
}

/** The failure of reading one model file: names the file and what to do. */
export function modelFileInvalid(path: string, what: string, cause?: unknown): GatewayError {
  return new ModelFileInvalid(path, what, cause)
}
