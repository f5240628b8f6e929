import type { ImportPreview } from '../../../src/proxy/profile-api/texts-wire.ts'

/** A file with what the gateway found in it. */
export interface ReadFile {
  readonly name: string
  readonly preview: ImportPreview
}

/** A text that may be imported. */
export type Candidate = ImportPreview['texts'][number] & { readonly file: string }

/** A fact that may be imported. */
export type FactCandidate = ImportPreview['facts'][number]

/**
 * The texts of all files, newest first. The gateway compares those of one file with each other and with the
 * profile; here those of different files are compared, so that no text is offered twice.
 */
export function candidatesOf(files: readonly ReadFile[]): readonly Candidate[] {
  const seen = new Set<string>()
  const all = files.flatMap(({ name, preview }) =>
    preview.texts.map((text): Candidate => {
      const key = text.text.replace(/\s+/g, ' ').trim()
      const again = seen.has(key)
      seen.add(key)
      return { ...text, file: name, like: again ? 'same' : text.like }
    }),
  )
  return all.toSorted((a, b) => compareDates(b.date, a.date))
}

/** The facts of all files, each once. */
export function factsOf(files: readonly ReadFile[]): readonly FactCandidate[] {
  const facts = new Map<string, FactCandidate>()
  for (const fact of files.flatMap(({ preview }) => preview.facts)) {
    if (!facts.has(fact.text)) facts.set(fact.text, fact)
  }
  return [...facts.values()]
}

/** The positions of what is chosen before anybody chooses: what the profile does not have. */
export function newOnes(items: readonly { readonly like: string | null }[]): ReadonlySet<number> {
  return new Set(items.flatMap(({ like }, index) => (like === null ? [index] : [])))
}

function compareDates(a: string | null, b: string | null): number {
  const [one, other] = [a ?? '', b ?? '']
  return one === other ? 0 : one < other ? -1 : 1
}
