import { z } from 'zod'
import type { Profile } from '../../profiles/profile.ts'

/** A request, what its user really wrote in answer, and the user. */
export interface DatasetRow {
  readonly id: string
  /** The user's request; public. */
  readonly query: string
  /** What the user wrote. */
  readonly reference: string
  /** Without `reference`. */
  readonly profile: Profile
}

/** A row as a line of a file, in the shape of CoGenesis. */
export const datasetLineSchema = z.object({
  id: z.string().min(1),
  query: z.string().min(1),
  reference: z.string().min(1),
  /**
   * Lines of `Key: value; value`; `Name` and `Writing_style` mean what they mean in a profile, the others
   * are facts.
   */
  profile: z.string(),
  history: z.array(z.object({ task: z.string().min(1).optional(), text: z.string().min(1) })),
})

type DatasetLine = z.infer<typeof datasetLineSchema>

interface ProfileLine {
  readonly key: string
  readonly value: string
}

export function datasetRow(line: DatasetLine): DatasetRow {
  const { id, query, reference } = line
  return { id, query, reference, profile: profileOfLine(line) }
}

function profileOfLine({ id, profile, history }: DatasetLine): Profile {
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
    history: history.map(({ task, text }) => ({ ...(task !== undefined && { task }), text })),
  }
}

function profileLines(text: string): ProfileLine[] {
  return text.split('\n').flatMap((line) => {
    const match = /^(\w+): *(.+)$/.exec(line.trim())
    return match === null ? [] : [{ key: match[1] ?? '', value: match[2] ?? '' }]
  })
}
