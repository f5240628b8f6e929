import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { loadConfig } from '../../src/config/load-config.ts'
import { readEnvironment } from '../../src/environment.ts'
import { type LabModels, openLabModels } from '../../src/evaluation/lab/lab-models.ts'
import type { AnswerParts } from '../../src/gateway/answering/answer-parts.ts'
import { encodePrompts } from '../../src/gateway/answering/encode-prompts.ts'
import type { Profile } from '../../src/profiles/profile.ts'
import { answeringText } from '../../src/slm/channels/answering-text.ts'
import { guardedUpstream } from '../../src/upstream/wrappers/guarded-upstream.ts'
import { inTemporaryFolder } from '../programs/temporary-folder.ts'
import { forcedSteps } from './forced-steps.ts'
import type { LeakLog } from './leak-log.ts'
import type { PrivateRow } from './private-row.ts'
import { type StepNats, textLikelihood } from './text-likelihood.ts'

export interface LikelihoodRun {
  readonly upstream: { readonly url: string; readonly model: string }
  /** The local model's name. */
  readonly local: string
  /** Tokens of each text that count, from its beginning. */
  readonly tokens: number
  /** What is added to each request. */
  readonly ask: string
}

/** K, as for answers. */
const CANDIDATES = 100
/** An alias that is proposed less often than in one draw of a thousand is taken to be none. */
const LEAST_ALIAS = 0.001

/** Has both models write what the rows' users wrote, guard off and on; rows in the log are left out. */
export async function measureLikelihoods(
  rows: readonly PrivateRow[],
  log: LeakLog,
  run: LikelihoodRun,
): Promise<void> {
  const waiting = rows.filter(({ id }) => log.likelihood(id) === undefined)
  if (waiting.length === 0) return
  const models = await openModels(run)
  try {
    for (const [index, row] of waiting.entries()) {
      const steps = await likelihoodOf(row, models, run)
      await log.add({ kind: 'likelihood', row: row.id, steps })
      console.log(`${new Date().toISOString()} ${row.id}, ${waiting.length - index - 1} texts left`)
    }
  } finally {
    await models.close()
  }
}

function openModels({ upstream, local }: LikelihoodRun): Promise<LabModels> {
  const { url, model } = upstream
  const config = {
    local: { model: local, threads: 1 },
    upstreams: { large: { kind: 'llama-cpp', url, model, candidates: CANDIDATES } },
    models: { names: { large: 'large' } },
  }
  return inTemporaryFolder('costeer-likelihood-', async (folder) => {
    const file = join(folder, 'config.yaml')
    await writeFile(file, stringify(config))
    return await openLabModels(await loadConfig(file), { options: { environment: readEnvironment() } })
  })
}

async function likelihoodOf(
  row: PrivateRow,
  models: LabModels,
  { tokens, ask }: LikelihoodRun,
): Promise<StepNats[]> {
  const { opened } = models
  const { signal } = new AbortController()
  const content = [row.query, ask].join(' ').trim()
  const prompts = (profile: Profile | null) =>
    encodePrompts(
      {
        model: models.name,
        prompt: { type: 'chat', messages: [{ role: 'user', content }] },
        sampling: { temperature: 1, topP: 1, topK: 0 },
        maxTokens: tokens,
        stop: [],
        choices: 1,
        caller: {},
        overrides: {},
        trace: false,
        signal,
      },
      answerParts(models, profile),
    )
  const plain = await prompts(null)
  const declared = row.declared.map((value) => ({ ...value, forms: [...value.forms] }))
  const { prompt, steered, guarded } = await prompts({ ...row.profile, private: declared })
  if (steered === null || guarded === null) throw new Error(`${row.id} has nothing private`)
  const { strength, upstream } = opened
  const local = await opened.pair.open({ ...steered, strength, signal })
  try {
    return await textLikelihood(
      { plain: upstream, guarded: guardedUpstream(upstream, guarded.decode) },
      {
        steps: forcedSteps(row.reference, guarded.decode, tokens),
        prompts: { off: plain.prompt, on: prompt },
        guard: guarded.decode,
        local,
        strength,
        candidates: CANDIDATES,
        leastAlias: LEAST_ALIAS,
      },
    )
  } finally {
    local.close()
  }
}

/** What prompts are made with; the rest is the loops'. */
function answerParts({ opened, local, steering }: LabModels, profile: Profile | null): AnswerParts {
  const { strength, alignment, channels, thinking, text, chatEncoding, upstream, pair } = opened
  return {
    upstream,
    chatEncoding,
    text,
    local: { pair, text: answeringText(local.text) },
    alignment,
    channels,
    thinking,
    servesChat: true,
    profile,
    // Any secret: aliases are the same in each run then
    guarding: { secret: new Uint8Array(32), messages: true, patterns: true },
    steering: {
      strength,
      candidates: CANDIDATES,
      fidelity: steering.fidelity,
      gate: null,
      onLocalFailure: 'fail',
    },
    cost: null,
    defaultMaxTokens: upstream.limits.contextTokens,
    lookahead: () => null,
    onLookaheadEnd: () => {},
    onFinish: () => {},
  }
}
