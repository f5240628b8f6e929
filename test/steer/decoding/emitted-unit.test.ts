import { describe, expect, test } from 'vitest'
import { VirtualTime } from '../../../bench/lookahead/virtual-time.ts'
import { FormMatcher } from '../../../src/guard/matching/form-matcher.ts'
import { withBans } from '../../../src/steer/guard/banned-aliases.ts'
import type { DecodeGuard } from '../../../src/steer/guard/decode-guard.ts'
import { type TokenId, tokenId } from '../../../src/steer/token-id.ts'
import { guard, texts, tokens, vocabulary } from '../guard/noor-and-sammy.ts'
import { tokensOf } from '../lookahead/simulated-answer.ts'
import { SimulatedContinuation } from '../lookahead/simulated-pair.ts'
import { TableUpstream } from '../table-models.ts'
import { answeredHi } from './answered-hi.ts'

const [Hi, No, or, Sam, my, is, gap, name, on, end] = tokens

/** What follows each token, the likeliest first. */
type Follows = Partial<Record<TokenId, readonly TokenId[]>>

function table(follows: Follows, step = 8) {
  return (sequence: readonly number[]) => {
    const next = follows[tokenId(sequence.at(-1) ?? Hi)] ?? [end]
    return texts.map((_, id) => -step * (next.includes(tokenId(id)) ? next.indexOf(tokenId(id)) : 3))
  }
}

/** The answer behind "Hi" as its client reads it, and all that the upstream was asked about. */
async function answer(
  upstreamSays: Follows,
  pairSays: Follows,
  guarding: DecodeGuard = guard,
  delta: Partial<Record<TokenId, number>> = {},
  contextTokens?: number,
  /** By how many nats each is less likely to the pair than the one before it. */
  pairStep?: number,
  bias: ReadonlyMap<TokenId, number> = new Map(),
) {
  const time = new VirtualTime()
  const upstream = new TableUpstream(table(upstreamSays), vocabulary, contextTokens)
  const local = new SimulatedContinuation({
    without: table(pairSays, pairStep),
    delta: () => texts.map((_, id) => delta[tokenId(id)] ?? 0),
    strength: 1,
    time,
    passMs: () => 1,
  })
  const events = await answeredHi(time, {
    upstream,
    local,
    guard: guarding,
    strength: 1,
    adjustments: { bias, presencePenalty: 0, frequencyPenalty: 0 },
    alternatives: 3,
  })
  const textOf = (tokens: readonly number[]) => tokens.map((token) => texts[token]).join('')
  const emitted = events.flatMap((event) => (event.type === 'token-emitted' ? [event] : []))
  return { said: textOf(tokensOf(events)), asked: upstream.asked.map(textOf), emitted }
}

describe('a token that begins a private value', () => {
  test('is emitted with all of it where the local pair goes on that way, and the upstream reads the alias', async () => {
    const { said, asked } = await answer({ [Hi]: [No], [my]: [is], [is]: [end] }, { [No]: [or], [or]: [is] })
    expect(said).toBe(' Noor is')
    expect(asked).toEqual(['Hi', 'Hi Sammy', 'Hi Sammy is'])
  })

  test('has alternatives at its first token, and at the others themselves alone', async () => {
    const { emitted } = await answer({ [Hi]: [No], [my]: [is], [is]: [end] }, { [No]: [or], [or]: [is] })
    const [first, second, third] = emitted.map(({ alternatives }) => alternatives)
    expect([first?.length, third?.length]).toEqual([3, 3])
    expect(second).toEqual([{ token: or, logprob: emitted[1]?.logprob }])
  })

  test('is emitted with all of it where decoding token by token would end there, however unlikely that is', async () => {
    const long = { path: [No, on, or, my], tokens: [No, on, or, my], needsBorder: false }
    const longGuard = {
      ...guard,
      realForms: new FormMatcher(['No onormy']),
      valuesBy: new Map([[No, [long]]]),
    }
    const says = { [Hi]: [No], [No]: [on, is], [on]: [or, is], [or]: [my, is], [my]: [end] }
    const { said, asked } = await answer({ [Hi]: [No], [my]: [end] }, says, longGuard, {}, undefined, 0.5)
    expect(said).toBe(' No onormy')
    expect(asked.join()).not.toContain('No on')
  })

  test('stands alone where the pair goes on otherwise, and then the value is closed', async () => {
    const { said, asked } = await answer({ [Hi]: [No], [No]: [or, on], [on]: [end] }, { [No]: [on, or] })
    expect(said).toBe(' No on')
    expect(asked.join()).not.toContain('Noor')
  })
})

describe('behind a value', () => {
  test('its last word has ended, even if the upstream would make a longer one of its alias', async () => {
    const follows = { [Hi]: [No], [my]: [or, is], [is]: [end] }
    const { said } = await answer(follows, { [No]: [or], [or]: [is] })
    expect(said).toBe(' Noor is')
  })
})

describe('a value that was decided against', () => {
  test('is closed where more than half of it would stand there, and open before', async () => {
    const long = { path: [No, on, is, Sam, my], tokens: [No, on, is, Sam, my], needsBorder: false }
    const forms = { realForms: new FormMatcher(['No on is Sammy']), valuesBy: new Map([[No, [long]]]) }
    const follows = { [Hi]: [No], [No]: [on], [on]: [is, my], [is]: [or], [my]: [end] }
    const { said } = await answer(follows, { [No]: [end], [on]: [end] }, { ...guard, ...forms })
    expect(said).toBe(' No onmy')
  })
})

describe('a token that begins an alias', () => {
  const masked = { ...guard, masksPrompt: true }

  test('gives the client the value where the upstream would write all of the alias', async () => {
    const { said, asked } = await answer({ [Hi]: [Sam], [Sam]: [my], [my]: [is], [is]: [end] }, {}, masked)
    expect(said).toBe(' Noor is')
    expect(asked).toEqual(['Hi', 'Hi Sam', 'Hi Sammy', 'Hi Sammy is'])
  })

  test('is an ordinary token where it would not', async () => {
    const { said } = await answer({ [Hi]: [Sam], [Sam]: [is, my], [is]: [end] }, {}, masked)
    expect(said).toBe(' Sam is')
  })

  test("is an ordinary one where the upstream's window ends before the alias does", async () => {
    const follows = { [Hi]: [Sam], [Sam]: [my], [my]: [is], [is]: [end] }
    const { said, asked } = await answer(follows, {}, masked, {}, 2)
    expect(said).toBe(' Sam')
    expect(asked).toEqual(['Hi'])
  })

  test('has the upstream asked about one token alone where that goes on otherwise', async () => {
    const long = { path: [Sam, my, is, on], tokens: [No, or], needsBorder: false }
    const longGuard = { ...masked, aliasesBy: new Map([[Sam, [long]]]) }
    const { said, asked } = await answer({ [Hi]: [Sam], [Sam]: [is], [is]: [end] }, {}, longGuard)
    expect(said).toBe(' Sam is')
    expect(asked).toEqual(['Hi', 'Hi Sam', 'Hi Sam', 'Hi Sam is'])
  })

  test('is an ordinary one, of which nobody is asked, as long as the upstream has read no alias', async () => {
    const { said, asked } = await answer({ [Hi]: [Sam], [Sam]: [my], [my]: [is], [is]: [end] }, {})
    expect(said).toBe(' Sammy is')
    expect(asked).toEqual(['Hi', 'Hi Sam', 'Hi Sammy', 'Hi Sammy is'])
  })
})

describe('an alias of a value that holds a token which the client bans', () => {
  const masked = { ...guard, masksPrompt: true }
  const bias = new Map([[or, -100]])
  const banning = withBans(masked, { bias, presencePenalty: 0, frequencyPenalty: 0 })

  test('ends as another word', async () => {
    const follows = { [Hi]: [Sam], [Sam]: [my, on], [on]: [end] }
    const { said } = await answer(follows, {}, banning, {}, undefined, undefined, bias)
    expect(said).toBe(' Sam on')
  })

  test('does not come where it is one token', async () => {
    const whole = new Map([[Sam, [{ path: [Sam], tokens: [No, or], needsBorder: false }]]])
    const { said } = await answer(
      { [Hi]: [Sam, is], [is]: [end] },
      {},
      withBans({ ...masked, aliasesBy: whole }, { bias, presencePenalty: 0, frequencyPenalty: 0 }),
      {},
      undefined,
      undefined,
      bias,
    )
    expect(said).toBe(' is')
  })

  test('stays where the client bans something else', () => {
    const other = { bias: new Map([[is, -100]]), presencePenalty: 0, frequencyPenalty: 0 }
    expect(withBans(masked, other)).toBe(masked)
    expect(withBans(masked, undefined)).toBe(masked)
  })
})

describe('a token that begins an alias and other words', () => {
  const liked = { [No]: 9 }

  test('is chosen no rather because the profile likes the value', async () => {
    const { said } = await answer({ [Hi]: [is, Sam], [Sam]: [on], [is]: [end] }, {}, guard, liked)
    expect(said).toBe(' is')
  })

  test('not even where the upstream has read the alias, unless it would write it', async () => {
    const masked = { ...guard, masksPrompt: true }
    const other = await answer({ [Hi]: [is, Sam], [Sam]: [on], [is]: [end] }, {}, masked, liked)
    expect(other.said).toBe(' is')
    const follows = { [Hi]: [is, Sam], [Sam]: [my], [my]: [on], [on]: [end] }
    const again = await answer(follows, {}, masked, liked)
    expect(again.said).toBe(' Noor on')
  })
})

describe('a gap that asks the owner for a value', () => {
  const asking = new Map([[gap, [{ path: [gap, name], tokens: [No, or], needsBorder: false }]]])
  const filling = { ...guard, gapsBy: asking }

  test('is filled where the upstream would ask for it, whatever the pair would write', async () => {
    const follows = { [Hi]: [gap], [gap]: [name], [my]: [is], [is]: [end] }
    const { said, asked } = await answer(follows, { [Hi]: [on] }, filling)
    expect(said).toBe(' Noor is')
    expect(asked).toEqual(['Hi', 'Hi [', 'Hi Sammy', 'Hi Sammy is'])
  })

  test('stays where it asks for something else', async () => {
    const { said } = await answer({ [Hi]: [gap], [gap]: [on, name], [on]: [end] }, { [Hi]: [on] }, filling)
    expect(said).toBe(' [ on')
  })
})

test('a gap that stands in the conversation stays, whatever the pair would write', async () => {
  const standing = new Map([[gap, [{ path: [gap, name], tokens: [gap, name], needsBorder: false }]]])
  const { said } = await answer(
    { [Hi]: [gap], [gap]: [name], [name]: [end] },
    { [Hi]: [No], [No]: [or] },
    { ...guard, gapsBy: standing },
  )
  expect(said).toBe(' [Name]')
})

describe('a gap in brackets', () => {
  test('is filled with the value that the pair would write there', async () => {
    const { said, asked } = await answer(
      { [Hi]: [gap], [gap]: [name], [my]: [is], [is]: [end] },
      { [Hi]: [No], [No]: [or] },
    )
    expect(said).toBe(' Noor is')
    expect(asked).toEqual(['Hi', 'Hi Sammy', 'Hi Sammy is'])
  })

  test('is filled where the pair writes the value rather than anything but a gap', async () => {
    const { said } = await answer(
      { [Hi]: [gap], [gap]: [name], [my]: [is], [is]: [end] },
      { [Hi]: [gap, No, on], [No]: [or] },
    )
    expect(said).toBe(' Noor is')
  })

  test('stays where the client bans a token of the value', async () => {
    const follows = { [Hi]: [gap], [gap]: [name], [name]: [end] }
    const says = { [Hi]: [No], [No]: [or] }
    const { said } = await answer(follows, says, guard, {}, undefined, undefined, new Map([[or, -100]]))
    expect(said).toBe(' [Name]')
  })

  test('stays where the pair rather writes another text', async () => {
    const { said } = await answer(
      { [Hi]: [gap], [gap]: [name], [name]: [end] },
      { [Hi]: [gap, on, No], [No]: [or] },
    )
    expect(said).toBe(' [Name]')
  })

  test('stays where the pair would write none', async () => {
    const { said } = await answer({ [Hi]: [gap], [gap]: [name], [name]: [end] }, { [Hi]: [gap] })
    expect(said).toBe(' [Name]')
  })
})
