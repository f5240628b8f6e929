import { GatewayError } from '../gateway-error.ts'

/** What is wrong with a profile file, and where. Never holds any of the file's values. */
export interface ProfileProblem {
  /** The file, or the folder when that is what cannot be read. */
  readonly file: string
  /** From 1; null when it concerns the whole file. */
  readonly line: number | null
  /** The key at fault, such as `history[2].text`; null when it concerns the whole file. */
  readonly key: string | null
  readonly message: string
}

/** `file:line: key: message`, in the form that editors and terminals make clickable. */
export function formatProblem({ file, line, key, message }: ProfileProblem): string {
  const place = line === null ? file : `${file}:${line}`
  return key === null ? `${place}: ${message}` : `${place}: ${key}: ${message}`
}

/** All problems as one error with the code `profile_invalid`. */
export function profileInvalid(problems: readonly ProfileProblem[]): GatewayError {
  return new GatewayError('profile_invalid', problems.map(formatProblem).join('\n'))
}
