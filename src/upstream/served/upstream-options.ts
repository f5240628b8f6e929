import type { BackgroundTokenizer } from '../../slm/encoding-thread/background-tokenizer.ts'
import type { Tokenizer } from '../../slm/text/tokenizer.ts'
import type { Vocabulary } from '../../steer/vocabulary.ts'
import type { EndpointOptions } from '../http/http-endpoint.ts'

/** What every kind of upstream behind HTTP is opened with. */
export interface UpstreamOptions extends EndpointOptions {
  /** The name under which the server serves its model; may be left out when it serves one only. */
  readonly model?: string
  /** The vocabulary that the local side uses; the server's is compared with it. */
  readonly vocabulary: Vocabulary
  /** The largest K that will be asked for; opening fails when the server answers fewer. */
  readonly candidates?: number
  /**
   * Queries to keep under way side by side, at most what the server says itself; 1 where neither is known.
   */
  readonly maxInFlight?: number
  /** Breaks off opening. */
  readonly signal?: AbortSignal
}

/**
 * For servers that render no conversations or take no token ids: the local side does it with the model's own
 * files.
 */
export interface TextUpstreamOptions extends UpstreamOptions {
  readonly tokenizer: Tokenizer
  /** The same for conversations, which may be large; by default they are encoded at once. */
  readonly background?: BackgroundTokenizer
}
