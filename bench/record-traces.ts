import { parseArgs } from 'node:util'
import { loadConfig } from '../src/config/load-config.ts'
import { readEnvironment } from '../src/environment.ts'
import type { DatasetRow } from '../src/evaluation/dataset/dataset-row.ts'
import { readDataset } from '../src/evaluation/dataset/read-dataset.ts'
import { privateForm } from '../src/evaluation/forms/private-form.ts'
import { type LabModels, openLabModels } from '../src/evaluation/lab/lab-models.ts'
import { prefixesOf } from '../src/evaluation/likelihood/forced-text.ts'
import { publicConversation } from '../src/gateway/prompts/public-conversation.ts'
import { unguarded } from '../src/guard/public.ts'
import { newDecodeCounters } from '../src/steer/decoding/decode-counters.ts'
import { referenceLoop } from '../src/steer/decoding/reference-loop.ts'
import { greedy } from '../src/steer/sampling/sampling.ts'
import type { TokenId } from '../src/steer/token-id.ts'
import { type WrittenAnswer, type WrittenStep, writeTraces, writtenStep } from './lookahead/written-trace.ts'

const usage = `npm run bench:record -- --out FOLDER -c CONFIG [options]

Records steered answers with what both models said at each token, for npm run bench:lookahead -- --traces
FOLDER. Decoded token by token, greedily, over the whole vocabulary, with the profile in the form that the
gateway gives it. The configuration's upstream has to be an embedded one of the local model's vocabulary.

  --dataset FILE   rows with requests and profiles (default: ../shared/data/cogenesis-dev.jsonl)
  --rows N         answers (default: 8)
  --tokens N       tokens of each (default: 96)
  --strength C     (default: what the configuration has)`

const POSITIONS_AT_ONCE = 16

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      out: { type: 'string' },
      config: { type: 'string', short: 'c' },
      dataset: { type: 'string', default: '../shared/data/cogenesis-dev.jsonl' },
      rows: { type: 'string', default: '8' },
      tokens: { type: 'string', default: '96' },
      strength: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help || values.out === undefined || values.config === undefined) return console.log(usage)
  const rows = await readDataset(values.dataset, { count: Number(values.rows) })
  const models = await openLabModels(await loadConfig(values.config), {
    options: { environment: readEnvironment() },
  })
  try {
    const strength = Number(values.strength ?? models.opened.strength)
    const answers: WrittenAnswer[] = []
    for (const [index, row] of rows.entries()) {
      console.log(`answer ${index + 1} of ${rows.length} …`)
      answers.push(await recordedAnswer(row, models, { strength, maxTokens: Number(values.tokens) }))
      await writeTraces(values.out, answers)
    }
  } finally {
    await models.close()
  }
}

interface Recording {
  readonly strength: number
  readonly maxTokens: number
}

async function recordedAnswer(
  row: DatasetRow,
  models: LabModels,
  { strength, maxTokens }: Recording,
): Promise<WrittenAnswer> {
  const { opened, local } = models
  const { signal } = new AbortController()
  const { tokenizer } = local.text
  const conversation = publicConversation([{ role: 'user', content: row.query }])
  const now = new Date(0)
  const without = tokenizer.encodeChat(conversation, { now })
  const { contextTokens } = opened.pair
  const room = { tokenizer, contextTokens, maxTokens, publicTokens: without.length }
  const withProfile = tokenizer.encodeChat(privateForm('product').messages(conversation, row.profile, room), {
    now,
  })
  const prompts = { with: withProfile, without }
  const prompt = await opened.chatEncoding.encode(unguarded({ messages: conversation }), signal)
  const tokens = await steeredTokens(models, { prompts, prompt, strength, maxTokens, signal })
  const steps: WrittenStep[] = []
  for (let start = 0; start < tokens.length; start += POSITIONS_AT_ONCE)
    steps.push(...(await seenSteps(models, { prompts, prompt, strength, tokens, start, signal })))
  const { bytes } = opened.upstream.vocabulary
  const text = Buffer.concat(tokens.map((token) => bytes(token))).toString()
  return { id: row.id, text, prompt, privatePromptLength: withProfile.length, strength, steps }
}

interface Question {
  readonly prompts: { readonly with: readonly TokenId[]; readonly without: readonly TokenId[] }
  readonly prompt: readonly TokenId[]
  readonly strength: number
  readonly signal: AbortSignal
}

async function steeredTokens(
  { opened }: LabModels,
  { prompts, prompt, strength, maxTokens, signal }: Question & { readonly maxTokens: number },
): Promise<TokenId[]> {
  const { upstream } = opened
  const local = await opened.pair.open({ ...prompts, strength, signal })
  const tokens: TokenId[] = []
  const events = referenceLoop({
    upstream,
    local,
    prompt: unguarded(prompt),
    steering: {
      strength,
      candidates: upstream.limits.maxCandidates,
      fidelity: 'top-k',
      gate: null,
      onLocalFailure: 'fail',
    },
    sampling: greedy,
    alternatives: 0,
    channels: null,
    endTokens: upstream.vocabulary.endTokens,
    maxTokens,
    clock: performance,
    trace: false,
    counters: newDecodeCounters(),
    signal,
  })
  for await (const event of events) if (event.type === 'token-emitted') tokens.push(event.token)
  local.close()
  return tokens
}

async function seenSteps(
  { opened: { upstream }, scorer }: LabModels,
  question: Question & { readonly tokens: readonly TokenId[]; readonly start: number },
): Promise<WrittenStep[]> {
  const { prompts, prompt, strength, tokens, start, signal } = question
  const asked = tokens.slice(start, start + POSITIONS_AT_ONCE)
  const before = (first: readonly TokenId[]) => prefixesOf([...first, ...tokens.slice(0, start)], asked)
  const candidates = upstream.limits.maxCandidates
  const all = Int32Array.from({ length: candidates }, (_, id) => id)
  const local = (first: readonly TokenId[]) =>
    scorer.logprobs({ prefixes: before(first), ids: asked.map(() => all), signal })
  const prefixes = before(prompt).map((prefix) => unguarded(prefix))
  const said = await upstream.distributions({ prefixes, candidates, signal })
  const withProfile = await local(prompts.with)
  const without = await local(prompts.without)
  return asked.map((token, index) => {
    const { ids, logprobs } = said[index] as (typeof said)[number]
    const byId = new Float64Array(candidates)
    for (let place = 0; place < ids.length; place++) byId[ids[place] as number] = logprobs[place] as number
    const local = { with: withProfile[index] as Float64Array, without: without[index] as Float64Array }
    return writtenStep({ token, upstream: byId, ...local }, strength)
  })
}

await main()
