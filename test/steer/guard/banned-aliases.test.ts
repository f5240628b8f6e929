import { describe, expect, test } from 'vitest'
import { VirtualTime } from '../../../bench/lookahead/virtual-time.ts'
import { completesBanned, withBans } from '../../../src/steer/guard/banned-aliases.ts'
import { tokenId } from '../../../src/steer/token-id.ts'
import { answeredHi } from '../decoding/answered-hi.ts'
import { tokensOf } from '../lookahead/simulated-answer.ts'
import { TableUpstream } from '../table-models.ts'
import { guard, texts, tokens, vocabulary } from './noor-and-sammy.ts'

const [Hi, , or, Sam, my, is, , , on, end] = tokens
const adjustments = { bias: new Map([[or, -100]]), presencePenalty: 0, frequencyPenalty: 0 }

describe('the alias of a value that holds a banned token', () => {
  test('may not be ended by a token, whatever stands before', () => {
    const banning = withBans(guard, adjustments)
    expect(completesBanned(banning, [Hi, Sam], my)).toBe(true)
    expect(completesBanned(banning, [Hi, is], my)).toBe(false)
    expect(completesBanned(banning, [Hi, Sam, my], is)).toBe(false)
    expect(completesBanned(banning, [Hi, Sam, my], end)).toBe(false)
    expect(completesBanned(banning, [Hi, Sam], on)).toBe(false)
    expect(completesBanned(guard, [Hi, Sam], my)).toBe(false)
  })

  test('is not written by an upstream that nobody steers', async () => {
    const follows = new Map([
      [Hi, [Sam, is]],
      [Sam, [my, on]],
      [on, [end]],
    ])
    const upstream = new TableUpstream((sequence) => {
      const next = follows.get(tokens[sequence.at(-1) ?? 0] ?? Hi) ?? [end]
      return texts.map((_, id) => -8 * (next.some((one) => one === id) ? next.indexOf(tokenId(id)) : 3))
    }, vocabulary)
    const events = await answeredHi(new VirtualTime(), {
      upstream,
      local: null,
      guard: withBans({ ...guard, masksPrompt: true }, adjustments),
      strength: 0,
      adjustments,
      alternatives: 0,
    })
    expect(tokensOf(events).map((token) => texts[token])).toEqual([' Sam', ' on'])
  })
})
