import { z } from 'zod'
import { type Profile, profileSchema } from '../../profiles/profile.ts'

/** A request, what its user really wrote in answer, and the user. */
export interface DatasetRow {
  readonly id: string
  /** The user's request; public. */
  readonly query: string
  /** What the user wrote; empty where nobody knows. */
  readonly reference: string
  /** Without `reference`. */
  readonly profile: Profile
}

/** A row as a line of a file, in the shape of CoGenesis, or with a profile of the gateway's own. */
export const datasetLineSchema = z.object({
  id: z.string().min(1),
  query: z.string().min(1),
  /** Left out in rows that are to be answered only. */
  reference: z.string().min(1).optional(),
  /**
   * Lines of `Key: value; value`; `Name` and `Writing_style` mean what they mean in a profile, the others
   * are facts. Or a whole profile as its file has it.
   */
  profile: z.union([z.string(), profileSchema]),
  history: z.array(z.object({ task: z.string().min(1).optional(), text: z.string().min(1) })).default([]),
})

type DatasetLine = z.infer<typeof datasetLineSchema>

interface ProfileLine {
  readonly key: string
  readonly value: string
}

/** The row of a line, whose user becomes a profile of that row's own. */
export function datasetRow(line: DatasetLine): DatasetRow {
  const { id, query, reference = '' } = line
  return { id, query, reference, profile: profileOfLine(line) }
}

function profileOfLine({ id, profile, history: rest }: DatasetLine): Profile {
  const history = rest.map(({ task, text }) => ({ ...(task !== undefined && { task }), text }))
  if (typeof profile !== 'string') return { ...profile, history: [...profile.history, ...history] }
  const lines = profileLines(profile)
  const lineOf = (key: string) => lines.find((line) => line.key === key)?.value
  return {
    id: `row-${id.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`,
    private: [],
    name: lineOf('Name') ?? 'Somebody',
    facts: lines
      .filter(({ key }) => key !== 'Name' && key !== 'Writing_style')
      .map(({ key, value }) => `${key.replaceAll('_', ' ')}: ${value}`),
    preferences: [],
    writing_style: lineOf('Writing_style')?.split(/;\s*/) ?? [],
    about: '',
    history,
  }
}

function profileLines(text: string): ProfileLine[] {
  return text.split('\n').flatMap((line) => {
    const match = /^(\w+): *(.+)$/.exec(line.trim())
    return match === null ? [] : [{ key: match[1] ?? '', value: match[2] ?? '' }]
  })
}
