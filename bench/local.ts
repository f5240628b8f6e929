import { writeFile } from 'node:fs/promises'

import { parseArgs } from 'node:util'
import { z } from 'zod'
import { localSchema, type ServedLocal } from '../src/config/local-settings.ts'
import { readEnvironment } from '../src/environment.ts'
import { openServedModel } from '../src/local-server/open-served-model.ts'
import type { InstalledModel } from '../src/models/model-folder.ts'
import { prepareModel, weightBits } from '../src/models/prepare-model.ts'
import { pullModel } from '../src/models/pull.ts'
import { coreCount } from '../src/slm/engine/core-count.ts'
import { startEngine } from '../src/slm/engine/engine.ts'
import type { ModelGraph } from '../src/slm/graph/model-graph.ts'
import type { WeightBits } from '../src/slm/graph/weight-store.ts'
import { openLocalPair } from '../src/slm/pair/open-local-pair.ts'
import type { LocalPair } from '../src/steer/local-pair.ts'
import { addedMemory } from './local/added-memory.ts'
import { madeUpTokens, measuredPair, type PairFigures, REPETITIONS, TOKENS } from './local/measured-pair.ts'
import { llamaBench } from './programs/llama-bench.ts'

const HELP = `Measures the local pair: milliseconds for both streams' next token, one at a time and in chunks of 8.

  npm run bench:local -- [--model NAME] [--threads N] [--bits 4,8] [--llama-bench PROGRAM]
                         [--server URL] [--memory] [--json FILE]

--bits names the bits of weights to measure, in turns; those that a start takes without it.
--llama-bench runs llama.cpp on the same file, one stream at the same contexts, and adds the ratio.
--server measures the same pair on a llama-server, with lists of 100 and of 1,000 tokens, in turns with it.
--memory tells instead what the pair adds to this process, and what an upstream of the same weights adds then.`

const contexts = [16, 500, 1500]
const WITHOUT_TOKENS = 50
const chunks = [1, 8]
const bitsList = z.array(z.literal([4, 8])).min(1)

interface Measurement extends PairFigures {
  /** Of the weights. */
  readonly bits: WeightBits
  /** Prompt tokens of the stream with the profile; the other one is short. */
  readonly context: number
  /** Tokens fed together. */
  readonly chunk: number
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      model: { type: 'string', default: 'smollm2-135m' },
      threads: { type: 'string', default: String(coreCount()) },
      bits: { type: 'string' },
      'llama-bench': { type: 'string' },
      server: { type: 'string' },
      memory: { type: 'boolean', default: false },
      json: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return console.log(HELP)
  const threads = Number(values.threads)
  const program = values['llama-bench']
  const model = await pullModel(values.model, { environment: readEnvironment() })
  if (values.server !== undefined) {
    const bits = await weightBits('auto', model)
    const rows = await besideServer(await prepareModel(model, bits), { url: values.server, threads })
    return console.table(rows.map(rounded))
  }
  const wanted = bitsList.parse(values.bits?.split(',').map(Number) ?? [await weightBits('auto', model)])
  if (values.memory) {
    const rows = []
    for (const bits of wanted)
      rows.push({ bits, ...(await addedMemory(await prepareModel(model, bits), threads)) })
    return console.table(rows.map(rounded))
  }
  const own = await measureAll(model, { threads, wanted })
  const workload = { contexts: contexts, repetitions: REPETITIONS, tokens: TOKENS }
  const llama = program ? await llamaBench({ program, model: model.path, threads, ...workload }) : null
  const measurements = own.map((measurement) => {
    const llamaMsPerToken = llama?.get(measurement.context) ?? null
    // Two streams here to one stream there
    const ratio = llamaMsPerToken && measurement.msPerToken / llamaMsPerToken
    return { ...measurement, tokensPerSecond: 1000 / measurement.msPerToken, llamaMsPerToken, ratio }
  })
  console.table(measurements.map(rounded))
  const report = { model: values.model, threads, node: process.version, measurements }
  if (values.json) await writeFile(values.json, `${JSON.stringify(report, null, 2)}\n`)
}

async function measureAll(
  model: InstalledModel,
  { threads, wanted }: { readonly threads: number; readonly wanted: readonly WeightBits[] },
): Promise<Measurement[]> {
  const engine = startEngine({ threads })
  const pairs = new Map<WeightBits, LocalPair>()
  for (const bits of wanted) {
    const graph = await prepareModel(model, bits)
    pairs.set(bits, await openLocalPair({ engine, graph, cacheBytes: 0 }))
  }
  const measurements: Measurement[] = []
  for (const context of contexts)
    for (const chunk of chunks)
      for (const [bits, pair] of pairs) measurements.push({ bits, ...(await measure(pair, context, chunk)) })
  await engine.close()
  return measurements
}

async function measure(pair: LocalPair, context: number, chunk: number): Promise<Omit<Measurement, 'bits'>> {
  const prompts = {
    with: madeUpTokens(context, 1),
    without: madeUpTokens(Math.min(context, WITHOUT_TOKENS), 2),
  }
  return { context, chunk, ...(await measuredPair(pair, prompts, { chunk })) }
}

/** Steps of one token here and on the server at `url`, each context measured one after the other. */
async function besideServer(
  graph: ModelGraph,
  { url, threads }: { readonly url: string; readonly threads: number },
) {
  const engine = startEngine({ threads })
  const own = await openLocalPair({ engine, graph, cacheBytes: 0 })
  const home = readEnvironment().costeerHome
  const rows: object[] = []
  for (const candidates of [100, 1000]) {
    const settings = localSchema.parse({ kind: 'llama-cpp', url, candidates }) as ServedLocal
    const served = await openServedModel(settings, { apiKey: undefined, home })
    for (const context of contexts) {
      const here = await measure(own, context, 1)
      const there = await measure(served.pair, context, 1)
      const ratio = there.msPerToken / here.msPerToken
      const ms = { hereMs: here.msPerToken, thereMs: there.msPerToken, ratio }

      const prefill = { prefillHereMs: here.prefillMsPerToken, prefillThereMs: there.prefillMsPerToken }
      rows.push({ candidates, context, ...ms, ...prefill })
    }
    await served.close()
  }
  await engine.close()
  return rows
}

await main()

/** The same figures with as many digits as they deserve. */
function rounded(measurement: object): Record<string, unknown> {
  const round = (value: unknown) => (typeof value === 'number' ? Math.round(value * 100) / 100 : value)
  return Object.fromEntries(Object.entries(measurement).map(([name, value]) => [name, round(value)]))
}
