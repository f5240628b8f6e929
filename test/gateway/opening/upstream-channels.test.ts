import { expect, test } from 'vitest'
import { upstreamChannels } from '../../../src/gateway/opening/upstream-channels.ts'
import { recordedText } from '../../models/recorded-text.ts'

const text = recordedText('smollm')

function named(channels: ReturnType<typeof upstreamChannels>) {
  return channels === null || channels === 'unknown-thinking' ? channels : channels.grammar.name
}

test('the template tells whether a model thinks, and in what', () => {
  const ofTemplate = (template: string | null) =>
    named(upstreamChannels({ configured: undefined, template, text }))
  expect(ofTemplate('{{ messages }}<think>')).toBe('think+none')
  expect(ofTemplate('{{ messages }}')).toBe(null)
  expect(ofTemplate(null)).toBe(null)
  expect(ofTemplate('{{ reasoning_content }}')).toBe('unknown-thinking')
})

test('what the configuration names counts before the template', () => {
  const configured = (name: string) =>
    named(upstreamChannels({ configured: name, template: '{{ reasoning_content }}', text }))
  expect([configured('mistral'), configured('plain'), configured('gpt-oss')]).toEqual([
    'mistral+mistral',
    null,
    'harmony',
  ])
})
