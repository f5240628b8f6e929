import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { channelGrammar } from '../../../src/steer/channels/channel-families.ts'
import type { ChannelGrammar } from '../../../src/steer/channels/channel-grammar.ts'
import { openChannels } from '../../../src/steer/channels/open-channels.ts'
import { CutVocabulary } from './cut-vocabulary.ts'
import { harmonyAnswers, offeredTools, type RecordedAnswer, recordedAnswers } from './recorded-answers.ts'
import { tell } from './told-answer.ts'

function grammarNamed(name: string): ChannelGrammar {
  const grammar = channelGrammar(name)
  if (grammar === null) throw new Error(`no grammar is named ${name}`)
  return grammar
}

/** Tells a recorded answer, cut where `isCut` says so. Without `controls` its markers are spelled. */
function told(recorded: RecordedAnswer, isCut: (byte: number) => boolean, controls = recorded.controls) {
  const vocabulary = new CutVocabulary(controls)
  const grammar = grammarNamed(recorded.grammar)
  const channels = openChannels(grammar, vocabulary.side).withTools
  const prompt = vocabulary.tokens(recorded.prompt, () => true)
  const answer = vocabulary.tokens(recorded.text, isCut)
  const { settled, ...whole } = tell({ channels, grammar, tools: offeredTools }, prompt, answer)
  return { whole, settled, tokens: answer.length }
}

function whole({ reasoning, answer, calls }: RecordedAnswer) {
  return { reasoning, answer, calls }
}

const all = [...recordedAnswers, ...harmonyAnswers].map((recorded) => [recorded.name, recorded] as const)
const spelled = recordedAnswers
  .filter(({ needsTokens }) => needsTokens !== true)
  .map((recorded) => [recorded.name, recorded] as const)

describe('a client', () => {
  test.each(all)('is told the same, whole or byte by byte: %s', (_, recorded) => {
    expect(told(recorded, () => false).whole).toEqual(whole(recorded))
    expect(told(recorded, () => true).whole).toEqual(whole(recorded))
  })

  test.each(all)('is told the same wherever the text is cut: %s', (_, recorded) => {
    const bytes = new TextEncoder().encode(recorded.text).length
    for (let cut = 1; cut < bytes; cut++) {
      expect(told(recorded, (byte) => byte === cut).whole, `cut at byte ${cut}`).toEqual(whole(recorded))
    }
  })

  test.each(spelled)(
    'is told the same of markers that are spelled, wherever they are cut: %s',
    (_, recorded) => {
      const bytes = new TextEncoder().encode(recorded.text).length
      fc.assert(
        fc.property(fc.uniqueArray(fc.integer({ min: 1, max: bytes })), (cuts) => {
          const isCut = new Set(cuts)
          expect(told(recorded, (byte) => isCut.has(byte), []).whole).toEqual(whole(recorded))
        }),
      )
      expect(told(recorded, () => true, []).whole).toEqual(whole(recorded))
    },
  )

  test.each(all)('gets every token settled once, in random cuts: %s', (_, recorded) => {
    const bytes = new TextEncoder().encode(recorded.text).length
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: bytes })), (cuts) => {
        const isCut = new Set(cuts)
        const { whole: result, settled, tokens } = told(recorded, (byte) => isCut.has(byte))
        expect(result).toEqual(whole(recorded))
        expect(settled.length).toBe(tokens)
      }),
    )
  })
})
