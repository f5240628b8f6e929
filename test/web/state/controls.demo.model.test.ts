import { readFileSync } from 'node:fs'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { repetition } from '../../../src/evaluation/scores/repetition.ts'
import { parseProfile } from '../../../src/profiles/files/parse-profile.ts'
import { overdone } from '../../../web/compare/reasons/answer-effect.ts'
import {
  EMBEDDED_PENALTY,
  examplePrompts,
  maxTokens,
  seed,
  temperature,
  topP,
} from '../../../web/state/controls.ts'
import { firstQuestions } from '../../../web/state/first-questions.ts'
import { embeddedGateway, type ServedGateway } from '../../proxy/app-under-test/served-gateway.ts'

const callers = ['none', 'delphine-fontenot', 'hamish-baird', 'noor-lindqvist']

const greetings = {
  'delphine-fontenot': /^Oh, darling!/,
  'hamish-baird': /^Good day/,
  'noor-lindqvist': /^hello from the rain/,
}

/** Questions of a newcomer's own, which went in circles before the examples had texts and words for them. */
const everydayLetters = [
  'Write a short note inviting a friend to dinner.',
  'Write an email to my boss saying I am sick today.',
]

function firstSentence(text: string): string {
  return /^[^.!?\n]*/.exec(text.trim())?.[0] ?? ''
}

// What a visitor of `npm start` sees: the model, profiles, questions and settings that ship.
describe('the page of npm start', () => {
  let gateway: ServedGateway
  let client: OpenAI

  beforeAll(async () => {
    gateway = await embeddedGateway()
    client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'none', maxRetries: 0 })
  })
  afterAll(() => gateway?.close())

  async function answer(question: string, profile: string): Promise<string> {
    const { choices } = await client.chat.completions.create({
      model: 'costeer',
      messages: [{ role: 'user', content: question }],
      temperature: temperature.value,
      top_p: topP.value,
      frequency_penalty: EMBEDDED_PENALTY,
      seed: seed.value,
      max_tokens: maxTokens.value,
      ...{ costeer: { profile } },
    })
    return choices[0]?.message.content ?? ''
  }

  describe.each(everydayLetters)('an everyday letter: %s', (question) => {
    test.each(Object.entries(greetings))(
      'greets as %s, without going round in circles',
      async (profile, greeting) => {
        const text = await answer(question, profile)
        expect(text).toMatch(greeting)
        expect(repetition(text).most, text).toBeLessThanOrEqual(2)
      },
    )
  })

  describe.each(examplePrompts)('suggested: %s', (question) => {
    const answers = new Map<string, string>()

    test.each(callers)('is answered without going round in circles: %s', async (profile) => {
      const text = await answer(question, profile)
      answers.set(profile, text)
      expect(text).toMatch(/\w+ \w+ \w+/)
      expect(repetition(text).most, text).toBeLessThanOrEqual(2)
    })

    const isFirst = (id: string) => firstQuestions[id] === question
    test.each(callers.filter(isFirst))('recites no past text of whom it is asked first: %s', (id) => {
      const parsed = parseProfile(readFileSync(`profiles/${id}.yaml`, 'utf8'), `${id}.yaml`)
      const texts = parsed.ok ? parsed.profile.history : []
      expect(texts.length).toBeGreaterThan(3)
      const parts = texts.map(({ text }) => ({ kind: 'text', text }) as const)
      expect(overdone(answers.get(id) ?? '', parts)).toBeNull()
    })

    test('begins otherwise for each person and for nobody', () => {
      const beginnings = [...answers.values()].map(firstSentence)
      expect(new Set(beginnings).size, beginnings.join(' | ')).toBe(callers.length)
    })
  })
})
