import { z } from 'zod'
import type { Profile } from '../../profiles/profile.ts'

/** A request, what its user really wrote in answer, and what is known of the user, in the shape of CoGenesis. */
export const datasetRowSchema = z.object({
  id: z.string().min(1),
  /** The user's request; public. */
  query: z.string().min(1),
  /** What the user wrote. */
  reference: z.string().min(1),
  /** Lines of `Key: value; value`; `Name` and `Writing_style` mean what they mean in a profile, the others are facts. */
  profile: z.string(),
  history: z.array(z.object({ task: z.string().min(1).optional(), text: z.string().min(1) })),
})

export type DatasetRow = z.infer<typeof datasetRowSchema>

interface ProfileLine {
  readonly key: string
  readonly value: string
}

/** The row's user as a profile of the gateway. */
export function profileOfRow({ id, profile, history }: DatasetRow): Profile {
  const lines = profileLines(profile)
  const lineOf = (key: string) => lines.find((line) => line.key === key)?.value
  return {
    id: `row-${id.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`,
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
