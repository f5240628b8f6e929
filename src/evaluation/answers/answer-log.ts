import { appendFile, mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type AnswerRecord, answerRecordSchema } from './answer-record.ts'

/** Answers of a run on disk, a line each, so that a run that is broken off goes on where it was. */
export class AnswerLog {
  readonly #file: string
  readonly #records = new Map<string, AnswerRecord>()

  private constructor(file: string, records: readonly AnswerRecord[]) {
    this.#file = file
    for (const record of records) this.#records.set(keyOf(record), record)
  }

  /** Lines that are cut short, as the last one of a run that was ended, do not count. */
  static async open(file: string): Promise<AnswerLog> {
    await mkdir(dirname(file), { recursive: true })
    const text = await readFile(file, 'utf8').catch(() => '')
    const records = text.split('\n').flatMap((line) => recordsOf(line))
    // The next line must not be glued to such a one
    if (text !== '' && !text.endsWith('\n')) await appendFile(file, '\n')
    return new AnswerLog(file, records)
  }

  get records(): readonly AnswerRecord[] {
    return [...this.#records.values()]
  }

  find(row: string, system: string): AnswerRecord | undefined {
    return this.#records.get(keyOf({ row, system }))
  }

  async add(record: AnswerRecord): Promise<void> {
    await appendFile(this.#file, `${JSON.stringify(record)}\n`)
    this.#records.set(keyOf(record), record)
  }
}

function keyOf({ row, system }: Pick<AnswerRecord, 'row' | 'system'>): string {
  return JSON.stringify([row, system])
}

function recordsOf(line: string): AnswerRecord[] {
  try {
    const parsed = answerRecordSchema.safeParse(JSON.parse(line))
    return parsed.success ? [parsed.data] : []
  } catch {
    return []
  }
}
