import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  encodePrivateChat,
  previewPrompt,
  privateMessages,
} from '../../../src/gateway/prompts/private-prompt.ts'
import { publicConversation } from '../../../src/gateway/prompts/public-conversation.ts'
import { parseProfile } from '../../../src/profiles/files/parse-profile.ts'
import type { Profile } from '../../../src/profiles/profile.ts'
import { alignTokens } from '../../../src/proxy/answers/trace/align-tokens.ts'
import { answerWords } from '../../../src/proxy/answers/trace/answer-words.ts'
import type { WireTokenTrace } from '../../../src/proxy/answers/trace/trace-schema.ts'
import { startEngine } from '../../../src/slm/engine/engine.ts'
import { openTokenScorer, type TokenScorer } from '../../../src/slm/scorer/token-scorer.ts'
import { tokenId } from '../../../src/steer/token-id.ts'
import { type ProfilePart, profileParts } from '../../../web/compare/reasons/profile-parts.ts'
import { foundWords } from '../../../web/compare/reasons/word-key.ts'
import { wordReasons } from '../../../web/compare/reasons/word-reasons.ts'
import { firstQuestions } from '../../../web/state/first-questions.ts'
import { embeddedGateway, type ServedGateway } from '../../proxy/app-under-test/served-gateway.ts'
import { installedModel } from '../../slm/installed-model.ts'

// Whether the part that shares a word's longest run is the one that the local model needs for the word: the
// `with` stream is asked for the same answer again with each part of the profile left out.

const engine = startEngine()
let gateway: ServedGateway
let scorer: TokenScorer
let model: Awaited<ReturnType<typeof installedModel>>

beforeAll(async () => {
  gateway = await embeddedGateway()
  model = await installedModel('smollm2-135m')
  const { graph, vocabulary } = model
  scorer = await openTokenScorer({ engine, graph, endTokens: vocabulary.endTokens })
})
afterAll(async () => {
  await gateway?.close()
  await engine.close()
})

async function steeredAnswer(profile: string, content: string) {
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-costeer-trace': '1' },
    body: JSON.stringify({
      messages: [{ role: 'user', content }],
      temperature: 0,
      max_tokens: 80,
      costeer: { profile },
    }),
  })
  const { choices, costeer } = (await response.json()) as {
    choices: { message: { content: string } }[]
    costeer: { type: string }[]
  }
  const isToken = (one: { type: string }): one is WireTokenTrace => one.type === 'token-trace'
  return { text: choices[0]?.message.content ?? '', traces: costeer.filter(isToken) }
}

function without(profile: Profile, { text }: ProfilePart): Profile {
  const kept = (items: readonly string[]) => items.filter((item) => item !== text)
  return {
    ...profile,
    facts: kept(profile.facts),
    preferences: kept(profile.preferences),
    writing_style: kept(profile.writing_style),
    history: profile.history.filter((entry) => entry.text !== text),
  }
}

/** By how much less likely the words become with each part left out: [word][part], in nats. */
async function losses(
  { profile, parts, question }: { profile: Profile; parts: readonly ProfilePart[]; question: string },
  traces: readonly WireTokenTrace[],
  words: readonly (readonly number[])[],
): Promise<number[][]> {
  const { tokenizer } = model
  const conversation = publicConversation([{ role: 'user', content: question }])
  const room = { tokenizer, contextTokens: 2048, maxTokens: 80, publicTokens: 40 }
  const said = traces.map(({ token }) => tokenId(token.id))
  const { signal } = new AbortController()
  const logprobsOf = async (one: Profile) => {
    const messages = privateMessages(one, conversation, room)
    const prompt = encodePrivateChat(messages, conversation, { tokenizer, now: new Date(0) })
    const prefixes = said.map((_, at) => [...prompt, ...said.slice(0, at)])
    const answers = await scorer.logprobs({ prefixes, ids: said.map((id) => Int32Array.of(id)), signal })
    return answers.map(([logprob = 0]) => logprob)
  }
  const whole = await logprobsOf(profile)
  const each: number[][] = []
  for (const part of parts) each.push(await logprobsOf(without(profile, part)))
  return words.map((places) =>
    each.map((left) => places.reduce((sum, at) => sum + (whole[at] ?? 0) - (left[at] ?? 0), 0)),
  )
}

test('the part that a word is said to come from is mostly the one whose loss costs it most', async () => {
  let explained = 0
  let first = 0
  let byChance = 0
  for (const [id, question] of Object.entries(firstQuestions)) {
    const parsed = parseProfile(readFileSync(`profiles/${id}.yaml`, 'utf8'), `${id}.yaml`)
    if (!parsed.ok) throw new Error(`${id} has problems.`)
    const { messages } = previewPrompt(parsed.profile, { query: question }, { window: null })
    const texts = messages.filter(({ role }) => role === 'assistant').map(({ text }) => text)
    const history = parsed.profile.history.filter(({ text }) => texts.includes(text))
    const profile = { ...parsed.profile, history }
    const parts = profileParts(profile, texts).filter(({ kind, text }) => kind !== 'name' && text !== '')
    const { text, traces } = await steeredAnswer(id, question)
    const all = foundWords(text)
    let start = 0
    const changed = answerWords(alignTokens(text, traces)).flatMap(({ pieces, shift }) => {
      const from = start
      start += pieces.reduce((sum, piece) => sum + piece.text.length, 0)
      const places = pieces.flatMap(({ trace }) => trace?.position ?? [])
      const index = all.findIndex(({ end }) => end > from)
      return shift === null ? [] : [{ index, places }]
    })
    const reasons = wordReasons(
      text,
      changed.map(({ index }) => index),
      parts,
    )
    const known = changed.filter(({ index }) => reasons.has(index))
    const lost = await losses(
      { profile, parts, question },
      traces,
      known.map(({ places }) => places),
    )
    for (const [at, { index }] of known.entries()) {
      const row = lost[at] ?? []
      explained += 1
      byChance += 1 / parts.length
      const part = reasons.get(index)?.part
      if (parts[row.indexOf(Math.max(...row))] === part) first += 1
    }
  }
  const figures = `${first} of ${explained}, by chance ${byChance.toFixed(1)}`
  expect(explained, figures).toBeGreaterThan(15)
  expect(first / explained, figures).toBeGreaterThan(0.5)
})
