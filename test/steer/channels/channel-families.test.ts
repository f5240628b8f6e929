import { describe, expect, test } from 'vitest'
import { channelGrammar, channelGrammarNames } from '../../../src/steer/channels/channel-families.ts'

describe('a grammar of channels', () => {
  test.each(channelGrammarNames)('has a name: %s', (name) => {
    expect(channelGrammar(name)?.name).toMatch(/^(harmony|[a-z0-9.-]+\+[a-z0-9.-]+)$/)
  })

  test('goes by the name that it gives itself, too', () => {
    for (const name of channelGrammarNames) {
      const grammar = channelGrammar(name)
      expect(channelGrammar(grammar?.name ?? '')).toEqual(grammar)
    }
  })

  test('can be made up of a way to think and a way to call tools', () => {
    expect(channelGrammar('think+llama3')).toMatchObject({
      thinking: { open: '<think>' },
      tools: { bareJson: true },
    })
    expect(channelGrammar('none+none')).toMatchObject({ thinking: null, tools: 'none' })
    expect(channelGrammar('think+unknown')).toMatchObject({ tools: 'unknown' })
  })

  test.each(['', 'qwen9', 'think', 'think+', '+hermes', 'toString', 'constructor+hermes'])(
    'is not called %j',
    (name) => {
      expect(channelGrammar(name)).toBeNull()
    },
  )
})
