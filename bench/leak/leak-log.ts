import { appendFile, mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'

/** One line of a run. */
const recordSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('answer'),
    row: z.string(),
    guard: z.boolean(),
    tokens: z.int(),
    /** What the client read. */
    text: z.string(),
    /** All that the upstream was sent. */
    sent: z.array(z.string()),
  }),
  z.strictObject({
    kind: z.literal('guess'),
    row: z.string(),
    /** What the attacker has read. */
    from: z.enum(['nothing', 'guard-off', 'guard-on']),
    attribute: z.string(),
    right: z.boolean(),
  }),
  z.strictObject({
    kind: z.literal('likelihood'),
    row: z.string(),
    /** Of what the user wrote, nats. */
    steps: z.array(
      z.strictObject({
        tokens: z.int(),
        isValue: z.boolean(),
        off: z.number(),
        on: z.number().nullable(),
      }),
    ),
  }),
])

export type LeakRecord = z.infer<typeof recordSchema>
export type AnswerRecord = Extract<LeakRecord, { readonly kind: 'answer' }>
export type LikelihoodRecord = Extract<LeakRecord, { readonly kind: 'likelihood' }>
export type GuessRecord = Extract<LeakRecord, { readonly kind: 'guess' }>

/** A run on disk, a line each, so that a run that is broken off goes on where it was. */
export class LeakLog {
  readonly #file: string
  readonly records: LeakRecord[]

  private constructor(file: string, records: LeakRecord[]) {
    this.#file = file
    this.records = records
  }

  /** Lines that are cut short do not count. */
  static async open(file: string): Promise<LeakLog> {
    await mkdir(dirname(file), { recursive: true })
    const text = await readFile(file, 'utf8').catch(() => '')
    if (text !== '' && !text.endsWith('\n')) await appendFile(file, '\n')
    return new LeakLog(file, text.split('\n').flatMap(recordOf))
  }

  answer(row: string, guard: boolean): AnswerRecord | undefined {
    return this.records.find(
      (one): one is AnswerRecord => one.kind === 'answer' && one.row === row && one.guard === guard,
    )
  }

  guess(row: string, from: GuessRecord['from'], attribute: string): GuessRecord | undefined {
    return this.records.find(
      (one): one is GuessRecord =>
        one.kind === 'guess' && one.row === row && one.from === from && one.attribute === attribute,
    )
  }

  likelihood(row: string): LikelihoodRecord | undefined {
    return this.records.find((one): one is LikelihoodRecord => one.kind === 'likelihood' && one.row === row)
  }

  async add(record: LeakRecord): Promise<void> {
    await appendFile(this.#file, `${JSON.stringify(record)}\n`)
    this.records.push(record)
  }
}

function recordOf(line: string): LeakRecord[] {
  try {
    const parsed = recordSchema.safeParse(JSON.parse(line))
    return parsed.success ? [parsed.data] : []
  } catch {
    return []
  }
}
