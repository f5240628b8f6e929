import type { Public } from '../../guard/public.ts'
import type { TokenId } from '../token-id.ts'

/** Tokens that the upstream may read. */
export type PublicTokens = Public<readonly TokenId[]>
