import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { z } from 'zod'

const rowSchema = z.object({
  id: z.string(),
  query: z.string(),
  /** Lines of `Key: value`, the name among them. */
  profile: z.string(),
  history: z.array(z.object({ task: z.string(), text: z.string() })),
})

export interface BenchPrompt {
  /** The user message. */
  readonly query: string
  /** The id of the profile that was written for it. */
  readonly profile: string
}

/**
 * The first `count` rows of a CoGenesis file, each user's profile and texts as a profile file in `folder`.
 */
export async function writeBenchProfiles(
  file: string,
  { count, folder }: { readonly count: number; readonly folder: string },
): Promise<BenchPrompt[]> {
  const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line.trim() !== '')
  // Rows of one user follow each other: take them from everywhere
  const stride = Math.max(1, Math.floor(lines.length / count))
  const rows = lines
    .filter((_, index) => index % stride === 0)
    .slice(0, count)
    .map((line) => rowSchema.parse(JSON.parse(line)))
  return Promise.all(
    rows.map(async ({ query, profile: text, history }, index) => {
      const profile = `user-${index + 1}`
      await writeFile(join(folder, `${profile}.yaml`), stringify(profileFile(profile, text, history)))
      return { query, profile }
    }),
  )
}

function profileFile(id: string, text: string, history: readonly { task: string; text: string }[]) {
  const entries = text.split('\n').flatMap((line) => {
    const match = /^(\w+): *(.+)$/.exec(line.trim())
    return match === null ? [] : [{ key: match[1] ?? '', value: match[2] ?? '' }]
  })
  const lineOf = (key: string) => entries.find((entry) => entry.key === key)?.value
  return {
    id,
    name: lineOf('Name') ?? 'Somebody',
    facts: entries
      .filter(({ key }) => key !== 'Name' && key !== 'Writing_style')
      .map(({ key, value }) => `${key.replaceAll('_', ' ')}: ${value}`),
    writing_style: lineOf('Writing_style')?.split('; ') ?? [],
    history,
  }
}
