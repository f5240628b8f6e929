import type { z } from 'zod'
import { didYouMean } from '../../did-you-mean.ts'
import { knownKeys } from '../../known-keys.ts'
import { readYaml } from '../../read-yaml.ts'
import type { Profile } from '../profile.ts'
import { profileSchema } from '../profile.ts'
import type { ProfileProblem } from '../profile-problem.ts'

export type ParsedProfile =
  | { readonly ok: true; readonly profile: Profile }
  | { readonly ok: false; readonly problems: readonly ProfileProblem[] }

const MAX_ALIASES = 10

/** Every scalar stays text (an age or a date needs no quotes); only an empty value is null. */
export const profileYaml = { schema: 'failsafe', customTags: ['null' as const], logLevel: 'error' as const }

/**
 * Reads a profile from YAML. All problems are reported at once, with line and key and without the values'
 * text.
 */
export function parseProfile(source: string, file: string): ParsedProfile {
  const read = readYaml(source, { ...profileYaml, maxAliasCount: MAX_ALIASES })
  if (!read.ok) return { ok: false, problems: read.problems.map((one) => ({ file, key: null, ...one })) }
  const checked = profileSchema.safeParse(read.content)
  if (checked.success) return { ok: true, profile: checked.data }
  const problems = checked.error.issues.flatMap((issue) => describeIssue(issue, file, read))
  return { ok: false, problems }
}

function describeIssue(
  issue: z.core.$ZodIssue,
  file: string,
  { content, lineOf }: { readonly content: unknown; lineOf(path: readonly PropertyKey[]): number },
): ProfileProblem[] {
  if (issue.code !== 'unrecognized_keys') {
    const key = issue.path.length === 0 ? null : formatPath(issue.path)
    return [{ file, line: lineOf(issue.path), key, message: issue.message }]
  }
  const known = knownKeys(profileSchema, { path: issue.path, content })
  return issue.keys.map((key) => {
    const path = [...issue.path, key]
    // A sentence with a colon parses as a key: only what looks like a key is repeated.
    const safe = /^[a-z][a-z0-9_-]{0,31}$/i.test(key)
    const hint = safe ? didYouMean(key, known) : ''
    const message = safe
      ? `is not a key of a profile${hint === '' ? '' : `.${hint}`}`
      : 'holds a key that no profile has; put quotes around a line with ": "'
    const shown = safe ? path : issue.path
    return { file, line: lineOf(path), key: shown.length === 0 ? null : formatPath(shown), message }
  })
}

function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, part) =>
      typeof part === 'number' ? `${text}[${part}]` : text === '' ? String(part) : `${text}.${String(part)}`,
    '',
  )
}
