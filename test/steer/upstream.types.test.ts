import { describe, expectTypeOf, test } from 'vitest'
import { type guarded, type Public, unguarded } from '../../src/guard/public.ts'
import type { SlicedWork } from '../../src/sliced-work.ts'
import type { ChatPrompt } from '../../src/steer/chat-prompt.ts'
import type { PublicTokens } from '../../src/steer/guard/public-tokens.ts'
import type { TokenId } from '../../src/steer/token-id.ts'
import type { DistributionsQuery, StreamQuery, Upstream } from '../../src/steer/upstream.ts'

type Prefix = DistributionsQuery['prefixes'][number]
type WorkResult<Work> = Work extends SlicedWork<infer Result> ? Result : never
type Chat = Parameters<Upstream['encodeChat']>[0]

describe('an upstream', () => {
  test('takes no conversation, text or tokens that nobody called public', () => {
    expectTypeOf<ChatPrompt>().not.toExtend<Chat>()
    expectTypeOf<TokenId[]>().not.toExtend<Prefix | StreamQuery['prefix']>()
    expectTypeOf<number[]>().not.toExtend<Prefix | StreamQuery['prefix']>()
    expectTypeOf<string>().not.toExtend<Prefix | StreamQuery['prefix']>()
  })

  test('takes those that the guard has looked at, and those where nothing is private', () => {
    expectTypeOf<WorkResult<ReturnType<typeof guarded<ChatPrompt>>>>().toExtend<Chat>()
    expectTypeOf(unguarded<TokenId[]>).returns.toExtend<Prefix & StreamQuery['prefix']>()
    expectTypeOf<PublicTokens>().toEqualTypeOf<Public<readonly TokenId[]>>()
  })

  test('takes public tokens no more once others stand behind them', () => {
    const followed = (prefix: PublicTokens, token: TokenId) => [...prefix, token]
    expectTypeOf(followed).returns.not.toExtend<Prefix>()
  })
})
