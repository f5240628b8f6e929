import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { loadProfile } from '../src/profiles/files/load-profile.ts'
import { previewImport } from '../src/profiles/importing/import-preview.ts'
import { type HistoryEntry, type Profile, profileSchema } from '../src/profiles/profile.ts'
import { retrieveHistory } from '../src/profiles/rendering/retrieve-history.ts'
import { threadedIndex } from '../src/profiles/retrieval/index-thread.ts'
import { historyTexts, keepIndex } from '../src/profiles/retrieval/indexed-history.ts'
import { addTexts } from '../src/profiles/texts/add-texts.ts'
import { inTemporaryFolder } from './programs/temporary-folder.ts'
import { heldUp, threadMs } from './texts/held-up.ts'
import { type AskedText, madeUpTexts } from './texts/made-up-texts.ts'

const HELP = `Measures a profile of many texts: adding, loading, indexing, finding, and importing mail. Processor time on
Linux, so that it can run beside other programs.

  npm run bench:texts -- [--texts N] [--dataset FILE.jsonl] [--json FILE]

--dataset takes rows of "costeer eval" among the texts: each row's query and its past tasks are questions, and
what was written for them is what is to be found. The tasks themselves are not in the index then.`

const QUESTIONS = 1000
/** Texts of a question. */
const LIMIT = 2
const MAIL_BYTES = 20 * 1024 * 1024

const rowSchema = z.object({
  query: z.string(),
  reference: z.string(),
  history: z.array(z.object({ task: z.string(), text: z.string() })),
})

interface Line {
  readonly what: string
  readonly ms: number
  readonly 'longest turn, CPU ms': number
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      texts: { type: 'string', default: '10000' },
      dataset: { type: 'string' },
      json: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return console.log(HELP)
  await inTemporaryFolder('costeer-texts-', async (folder) => {
    const { history, asked } = await texts(Number(values.texts), values.dataset)
    const lines: Line[] = []
    const timed = async <Result>(what: string, work: () => Promise<Result>): Promise<Result> => {
      const { result, ms, longestMs } = await heldUp(work)
      lines.push({ what, ms: rounded(ms), 'longest turn, CPU ms': rounded(longestMs) })
      return result
    }
    await writeFile(join(folder, 'ann.yaml'), 'id: ann\nname: Ann\n')
    const empty = profileSchema.parse({ id: 'ann', name: 'Ann' })
    const none = { facts: [], addSimilar: false }
    await timed('add them all', () => addTexts(folder, empty, { texts: history, ...none }))
    const bytes = (await stat(join(folder, 'ann.texts.jsonl'))).size
    const profile = await timed('load them', () => loaded(folder))
    const path = join(folder, 'ann.index')
    const { signal } = new AbortController()
    const index = () => threadedIndex(historyTexts(profile), { path, signal })
    await timed('build the index', index)
    keepIndex(profile, await timed('read the index from disk', index))
    const indexBytes = (await stat(path)).size
    const kept = { text: 'An answer that was kept, about the ladder behind the shed.', task: 'Thank Ailsa' }
    await timed('keep one answer more', () =>
      addTexts(folder, profile, { ...none, texts: [kept], addSimilar: true }),
    )
    await timed('import 20 MiB of mail', () => importMail(profile))
    const found = await questions(profile, asked)
    console.table(lines)
    console.log(
      `${profile.history.length} texts of ${bytes} bytes, index ${indexBytes} bytes; ${QUESTIONS} questions:`,
    )
    console.table([found])
    const report = { texts: profile.history.length, bytes, indexBytes, node: process.version, lines, found }
    if (values.json) await writeFile(values.json, `${JSON.stringify(report, null, 2)}\n`)
  })
}

async function texts(count: number, dataset: string | undefined) {
  const madeUp = madeUpTexts(count)
  if (dataset === undefined) return madeUp
  const rows = (await readFile(dataset, 'utf8'))
    .trim()
    .split('\n')
    .map((row) => rowSchema.parse(JSON.parse(row)))
  const real = rows.flatMap(({ query, reference, history }) => [{ task: query, text: reference }, ...history])
  const history: HistoryEntry[] = real.map(({ text }) => ({ text }))
  const asked: AskedText[] = real.map(({ task }, index) => ({ question: task, index }))
  return { history: [...history, ...madeUp.history].slice(0, count), asked }
}

async function loaded(folder: string): Promise<Profile> {
  const result = await loadProfile(join(folder, 'ann.yaml'))
  if (result.type !== 'loaded') throw new Error('the profile is broken')
  return result.profile
}

async function importMail(profile: Profile): Promise<void> {
  async function* bytes() {
    for (let size = 0, count = 0; size < MAIL_BYTES; count++) {
      const text = `${profile.history[count % profile.history.length]?.text} ${count}`
      const message = `From a Fri May 31 10:00:00 2024\nFrom: ann@example.org\nSubject: ${count}\n\n${text}\n\n`
      size += message.length
      yield Buffer.from(message)
    }
  }
  await previewImport([{ name: 'Sent', modified: null, bytes: bytes() }], profile, {
    from: ['ann@example.org'],
  })
}

async function questions(profile: Profile, asked: readonly AskedText[]) {
  const step = Math.max(1, Math.floor(asked.length / QUESTIONS))
  const chosen = asked.filter((_, place) => place % step === 0).slice(0, QUESTIONS)
  const ms: number[] = []
  let [first, among] = [0, 0]
  for (const { question, index } of chosen) {
    const start = threadMs()
    const best = retrieveHistory(profile, { query: question, limit: LIMIT })
    ms.push(threadMs() - start)
    const wanted = profile.history[index]?.text
    if (best[0]?.entry.text === wanted) first += 1
    if (best.some(({ entry }) => entry.text === wanted)) among += 1
  }
  ms.sort((a, b) => a - b)
  const at = (share: number) => rounded(ms[Math.min(ms.length - 1, Math.floor(ms.length * share))] ?? 0)
  const share = (count: number) => Math.round((1000 * count) / chosen.length) / 1000
  return {
    'median CPU ms': at(0.5),
    '95 % CPU ms': at(0.95),
    'longest CPU ms': at(1),
    'found first': share(first),
    'found among two': share(among),
  }
}

function rounded(ms: number): number {
  return Math.round(ms * 100) / 100
}

await main()
