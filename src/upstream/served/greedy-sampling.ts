import type { UpstreamSampling } from '../../steer/upstream.ts'

/** For queries of a single distribution: whatever is drawn is thrown away. */
export const greedySampling: UpstreamSampling = { temperature: 0, topP: 1, topK: 0, seed: 0 }
