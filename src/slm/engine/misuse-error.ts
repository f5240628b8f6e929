/**
 * The caller used a row, continuation or model that is gone: a bug of the caller, not a failure of the model.
 */
export class MisuseError extends Error {
  override readonly name = 'MisuseError'
}
