import { GatewayError } from '../../gateway-error.ts'
import type { ModelText } from '../../models/model-text.ts'
import { AlignedDeltas } from '../../steer/alignment/aligned-deltas.ts'
import { haveSameTokens } from '../../steer/alignment/same-tokens.ts'
import { type AlignmentMode, VocabularyAlignment } from '../../steer/alignment/vocabulary-alignment.ts'
import { greedy } from '../../steer/sampling/sampling.ts'
import type { Upstream } from '../../steer/upstream.ts'
import { samplePrompt } from './sample-prompt.ts'

/**
 * How much of an upstream with another vocabulary takes deltas from the local model. All shares are in [0,
 * 1].
 */
export interface AlignmentReport {
  /** The upstream's name in the configuration. */
  readonly upstream: string
  readonly mode: AlignmentMode
  /** The share of the tokens that an answer can hold. */
  readonly tokens: number
  /** The share of those that the local model has itself. */
  readonly shared: number
  /** The share of the probability at the candidates of a sample answer; null when the upstream gave none. */
  readonly probability: number | null
}

/**
 * Null where both use the same tokens, so that nothing has to be aligned. The few marks that one of two
 * models of a family has alone are aligned by `map`, also where `exact` is wanted. Throws GatewayError
 * `vocabulary_mismatch` where that is wanted and other tokens differ.
 */
export function alignmentOf(
  mode: 'exact' | AlignmentMode,
  {
    name,
    upstream,
    local,
  }: { readonly name: string; readonly upstream: ModelText; readonly local: ModelText },
): VocabularyAlignment | null {
  if (upstream.vocabulary.fingerprint === local.vocabulary.fingerprint) return null
  if (mode === 'exact' && !haveSameTokens(upstream.vocabulary, local.vocabulary))
    throw differentVocabularies(name)
  return new VocabularyAlignment({
    mode: mode === 'exact' ? 'map' : mode,
    upstream,
    local: { ...local, encode: (text) => local.tokenizer.encode(text) },
  })
}

/**
 * Unless they are aligned, an upstream has token ids in common with the local model, or steering makes no
 * sense.
 */
export function differentVocabularies(upstream: string): GatewayError {
  const message = `The upstream ${upstream} and the local model have different vocabularies: choose a local model of the same family, or set alignment: map (or bytes) for this upstream.`
  return new GatewayError('vocabulary_mismatch', message)
}

/** Compares both vocabularies as they stand, and as the upstream uses its own where `upstream` is open. */
export async function alignmentReport(
  name: string,
  alignment: VocabularyAlignment,
  upstream: Upstream | null,
): Promise<AlignmentReport> {
  const { mode, counts } = alignment
  const tokens = counts.aligned / counts.tokens
  const probability = upstream === null ? null : await sampleCoverage(upstream, alignment)
  return { upstream: name, mode, tokens, shared: counts.shared / counts.tokens, probability }
}

/** The report in a sentence, without the upstream's name. */
export function alignmentSentence({ mode, tokens, shared, probability }: AlignmentReport): string {
  const own = mode === 'map' ? '' : ` (${percent(shared)} are tokens of the local model too)`
  const used =
    probability === null ? '' : `, and ${percent(probability)} of the probability in a sample answer`
  return `${mode} covers ${percent(tokens)} of the upstream's tokens${own}${used}.`
}

/** Rounded down, so that 100 % are all. */
function percent(share: number): string {
  return `${(Math.floor(share * 1000) / 10).toFixed(1)} %`
}

const SAMPLE_TOKENS = 24
const SAMPLE_CANDIDATES = 20

/** Over the upstream's own answer to a question that says nothing of anybody. */
async function sampleCoverage(upstream: Upstream, alignment: VocabularyAlignment): Promise<number | null> {
  const { signal } = new AbortController()
  const deltas = new AlignedDeltas(alignment)
  let covered = 0
  let steps = 0
  try {
    const query = {
      prefix: await samplePrompt(upstream, signal),
      candidates: Math.min(SAMPLE_CANDIDATES, upstream.limits.maxCandidates),
      maxTokens: SAMPLE_TOKENS,
      sampling: greedy,
      signal,
    }
    for await (const { distribution } of upstream.stream(query)) {
      covered += deltas.coverage(distribution)
      steps++
    }
  } catch (error) {
    // A figure for people is no reason not to start.
    if (!(error instanceof GatewayError)) throw error
  }
  return steps === 0 ? null : covered / steps
}
