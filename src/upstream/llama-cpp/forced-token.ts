import type { Distribution } from '../../steer/distribution.ts'
import type { Vocabulary } from '../../steer/vocabulary.ts'
import { invalidReply } from '../http/endpoint-failure.ts'
import { CandidateList } from '../served/candidate-list.ts'
import { type Completion, topLogprob } from './replies.ts'

/**
 * What a request for one distribution asks. A token that leaves the text inside a character is answered
 * without probabilities, therefore a harmless one is forced: the reported values are those before any bias.
 */
export function forcedToken({ endTokens }: Vocabulary, candidates: number) {
  // Any that ends in a whole character will do, an end token is always there.
  const forced: number = [...endTokens][0] ?? 0
  return {
    n_predict: 1,
    n_probs: candidates,
    logit_bias: [[forced, 1000]],
    samplers: ['top_k'],
    top_k: 1,
    cache_prompt: true,
  }
}

/** Reads the first distribution of a reply. Throws GatewayError `upstream_invalid_reply`. */
export function firstDistribution(
  reply: Pick<Completion, 'completion_probabilities'>,
  candidates: number,
  model: { readonly where: string; readonly vocabularySize: number; readonly rows: number },
): Distribution {
  const top = reply.completion_probabilities?.[0]?.top_logprobs
  if (top === null || top === undefined) throw invalidReply(model.where, 'no log-probabilities')
  const list = new CandidateList(model)
  for (const entry of top) {
    const { id, logprob } = topLogprob(entry)
    list.add(id, logprob)
  }
  return list.distribution(candidates)
}
