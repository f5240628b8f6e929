import { writeFile } from 'node:fs/promises'

import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { readEnvironment } from '../src/config/environment.ts'
import { loadCatalogue } from '../src/models/catalogue.ts'
import { prepareModel } from '../src/models/prepare-model.ts'
import { pullModel } from '../src/models/pull.ts'
import { coreCount } from '../src/slm/runtime/core-count.ts'
import { startEngine } from '../src/slm/runtime/engine.ts'
import { openLocalPair } from '../src/slm/runtime/open-local-pair.ts'
import type { LocalPair } from '../src/steer/local-pair.ts'
import { type TokenId, tokenId } from '../src/steer/token-id.ts'
import { llamaBench } from './llama-bench.ts'

const HELP = `Measures the local pair: milliseconds for both streams' next token, one at a time and in chunks of 8.

  npm run bench:local -- [--model NAME] [--threads N] [--llama-bench PROGRAM] [--json FILE]

--llama-bench runs llama.cpp on the same file, one stream at the same contexts, and adds the ratio.`

const CONTEXTS = [16, 500, 1500]
const WITHOUT_TOKENS = 50
const CHUNKS = [1, 8]
const REPETITIONS = 5
/** Tokens of one repetition. */
const TOKENS = 16

interface Measurement {
  /** Prompt tokens of the stream with the profile; the other one is short. */
  readonly context: number
  /** Tokens fed together. */
  readonly chunk: number
  readonly msPerToken: number
  readonly tokensPerSecond: number
  readonly llamaMsPerToken: number | null
  /** Two streams here to one stream there. */
  readonly ratio: number | null
}

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      model: { type: 'string', default: 'smollm2-135m' },
      threads: { type: 'string', default: String(coreCount()) },
      'llama-bench': { type: 'string' },
      json: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return console.log(HELP)
  const threads = Number(values.threads)
  // The compiled bench lies deeper than the program, which finds the catalogue beside itself
  const catalogue = await loadCatalogue(pathToFileURL('config/models.yaml'))
  const model = await pullModel(values.model, { environment: readEnvironment(), catalogue })
  const engine = startEngine({ threads })
  const pair = await openLocalPair({ engine, graph: await prepareModel(model), cacheBytes: 0 })
  const own = new Map<string, { msPerToken: number; prefillMsPerToken: number }>()
  for (const context of CONTEXTS)
    for (const chunk of CHUNKS) own.set(`${context} ${chunk}`, await measure(pair, context, chunk))
  await engine.close()
  const program = values['llama-bench']
  const llama = program
    ? await llamaBench({
        program,
        model: model.path,
        threads,
        contexts: CONTEXTS,
        repetitions: REPETITIONS,
        tokens: TOKENS,
      })
    : new Map<number, number>()
  const measurements: Measurement[] = []
  for (const context of CONTEXTS)
    for (const chunk of CHUNKS) {
      const { msPerToken = Number.NaN } = own.get(`${context} ${chunk}`) ?? {}
      const llamaMsPerToken = llama.get(context) ?? null
      const ratio = llamaMsPerToken && msPerToken / llamaMsPerToken
      measurements.push({
        context,
        chunk,
        msPerToken,
        tokensPerSecond: 1000 / msPerToken,
        llamaMsPerToken,
        ratio,
      })
    }
  console.table(measurements)
  const prefillMsPerToken = own.get(`${CONTEXTS.at(-1)} 1`)?.prefillMsPerToken
  console.log(`prefill: ${prefillMsPerToken?.toFixed(2)} ms a token`)
  const report = { model: values.model, threads, node: process.version, prefillMsPerToken, measurements }
  if (values.json) await writeFile(values.json, `${JSON.stringify(report, null, 2)}\n`)
}

const tokens = (count: number, seed: number): TokenId[] =>
  Array.from({ length: count }, (_, index) => tokenId(100 + ((index * 7919 + seed) % 20_000)))

/** The best repetition, which other programs have disturbed least. */
const measure = async (pair: LocalPair, context: number, chunk: number) => {
  const started = performance.now()
  const prompts = { with: tokens(context, 1), without: tokens(Math.min(context, WITHOUT_TOKENS), 2) }
  const { signal } = new AbortController()
  const continuation = await pair.open({ ...prompts, strength: 1, signal })
  const opened = performance.now()
  let row = continuation.root
  let msPerToken = Number.POSITIVE_INFINITY
  for (let repetition = 0; repetition < REPETITIONS; repetition++) {
    const before = performance.now()
    for (let done = 0; done < TOKENS; done += chunk) {
      row = (await continuation.feed(row, tokens(chunk, done + repetition))).at(-1) ?? row
      continuation.retain(row)
    }
    msPerToken = Math.min(msPerToken, (performance.now() - before) / TOKENS)
  }
  continuation.close()
  return {
    msPerToken,
    prefillMsPerToken: (opened - started) / (prompts.with.length + prompts.without.length),
  }
}

await main()
