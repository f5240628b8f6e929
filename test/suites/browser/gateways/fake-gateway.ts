import { setTimeout as delay } from 'node:timers/promises'
import type { AnswerEvent } from '../../../../src/gateway/answer.ts'
import type { AnswerRequest } from '../../../../src/gateway/answer-request.ts'
import type { Gateway } from '../../../../src/gateway/gateway.ts'
import type { TraceReport } from '../../../../src/gateway/tracing/trace-report.ts'
import { GatewayError } from '../../../../src/gateway-error.ts'
import type { ProfileStore } from '../../../../src/profiles/profile-store.ts'

const PLAIN_SCRIPT =
  'Subject: Dinner on Friday\n\nHi there,\n\nI hope you are doing well. I would like to invite you to dinner at my place this Friday at 7 pm. I am planning to cook a chicken roast with vegetables, and we can catch up over a glass of wine.\n\nPlease let me know if you can make it, and whether there is anything you do not eat.\n\nBest regards,\nAlex'

const THOUGHTS =
  'The user wants a letter. Who gets it? A friend, for dinner on Friday. So the tone is warm, and not too formal. The letter needs a day, a time, what there will be to eat, and a question whether the friend can come. I keep it to three short paragraphs, and end with a greeting.'

const CALL_ARGUMENTS = '{"city": "Ghent", "days": 3, "units": {"temperature": "celsius", "wind": "bft"}}'

/** Answers as each example profile; `[said|wanted|shift]` marks a token that the profile changed. */
const scripts: Readonly<Record<string, string>> = {
  'noor-lindqvist':
    '[dear|Subject|4.1] [friend|Dinner|2.6],\n\n[the|I|3.4] [rain|weather|5.2] has been [soft|nice|2.2] today, like [moss|music|4.6] [on|.|0.8] the temple [stones|steps|1.4]. would you come for dinner on friday?\n\n[1|I|3.9]. [miso|chicken|4.8] soup with [tofu|vegetables|4.4] from downstairs (still [warm|fresh|1.1]).\n2. [rice|wine|2.0] and pickled [plums|onions|3.1].\n3. [quiet|dessert|3.6] [tea|,|2.4], and the [tortoise|children|6.3].\n\nplease let me know, and [walk|drive|2.9] slowly. the [river|moon|3.3] is [bright|high|1.7] tonight.\n\n',
  'hamish-baird':
    '[Wind|Subject|5.6] [south|:|3.0]-west, [four|strong|2.1]. [Dry|Hi|4.3].\n\n[Friday|I|2.8], [seven|dinner|1.6] [bells|pm|4.9]. [Haddock|Chicken|5.8]. [Tatties|Vegetables|4.6]. Bring [nothing|wine|2.2] but yourself.\n\n[Bosun|Please|6.2] will [bark|love|1.9]. [Ignore|Let|2.4] him.\n\n[Aye|Best|5.1],\n',
  'delphine-fontenot':
    '[Darling|Subject|6.4]! [Friday|I|2.2] night, [cher|you|5.5], and not one [minute|hour|0.7] later! There will be [crawfish|chicken|5.0] étouffée, [magnolias|candles|4.4] on every [chair|table|1.3], and [champagne|wine|3.8] before you have your [hat|coat|3.2] off! Come [hungry|early|1.5], come [glittering|soon|4.7]!\n\n[Kisses|Best|5.9] and camellias,\n',
}

interface ScriptedToken {
  readonly text: string
  readonly wanted: string
  readonly shift: number
}

export interface FakeGatewayOptions {
  readonly store: ProfileStore
  readonly models: readonly string[]
  /** Pause between tokens. */
  readonly tokenMs?: number
  /** Whether the models can be offered tools. */
  readonly readsCalls?: boolean
}

/**
 * A gateway that plays written answers with plausible traces. The answer with a profile
 * ends with the profile's name as its file has it now. A question that holds "fail" fails
 * on the way, one that holds "leak" sends a fact of the profile, one that holds "think" is
 * thought about first, one that holds "price" is told what it cost, and one with tools ends with a call of
 * the first of them.
 */
export function fakeGateway({ store, models, tokenMs = 18, readsCalls = true }: FakeGatewayOptions): Gateway {
  return {
    models: models.map((id) => ({ id, created: 1_700_000_000 })),
    readiness: async () => ({ ready: true, missing: null }),
    unsteeredServer: () => null,
    callerProfiles: () => ({ chosen: null, open: store.list().map(({ id, name }) => ({ id, name })) }),
    guarded: (passthrough) => passthrough,
    upstreamOf: () => ({
      passthrough: null,
      tellsEveryToken: true,
      readsCalls,
      reasoningField: 'reasoning_content',
    }),
    close: async () => {},
    async prepare(request) {
      const wanted = request.caller.profile ?? 'none'
      const profile = wanted === 'none' ? null : store.get(wanted)
      if (profile === undefined) throw new GatewayError('profile_not_found', 'There is no such profile.')
      const steered = profile !== null && request.overrides.strength !== 0
      const script = steered
        ? `${scripts[profile.id] ?? '[Hello|Hi|2.0] there,\n'}${profile.name}`
        : PLAIN_SCRIPT
      const question = request.prompt.type === 'chat' ? (request.prompt.messages.at(-1)?.content ?? '') : ''
      const pace = question.includes('slowly') ? 10 : 1
      const play = { request, tokens: scriptTokens(script), tokenMs: tokenMs * pace, steered, question }
      const leak = question.includes('leak') ? (profile?.facts[0] ?? '') : ''
      return {
        steering: steered ? { state: 'on', profile: profile.id } : { state: 'off' },
        promptTokens: 20,
        choices: [played({ ...play, leak })],
      }
    },
  }
}

const cost = { amount: 0.0012345, inTokens: 2_000, cachedTokens: 9_000, outTokens: 300 }

interface Play {
  readonly request: AnswerRequest
  readonly tokens: readonly ScriptedToken[]
  readonly tokenMs: number
  readonly steered: boolean
  readonly question: string
  readonly leak: string
}

async function* played({
  request,
  tokens,
  tokenMs,
  steered,
  question,
  leak,
}: Play): AsyncGenerator<AnswerEvent> {
  const pause = (tokens: number) => delay(tokenMs * tokens, undefined, { signal: request.signal })
  let said = ''
  let thoughts = 0
  if (question.includes('slowly') && steered) {
    for (const share of [0.2, 0.6]) {
      await pause(4)
      yield { type: 'profile-read', share }
    }
  }
  if (question.includes('think')) {
    for (const { text } of scriptTokens(THOUGHTS)) {
      await pause(1)
      yield { type: 'reasoning-delta', text }
      thoughts++
    }
  }
  for (const [position, token] of tokens.slice(0, request.maxTokens).entries()) {
    await pause(position === 0 ? 12 : 1)
    if (question.includes('fail') && position === 12) {
      throw new GatewayError('upstream_timeout', 'The upstream did not answer in time.')
    }
    const atMs = (position + 12) * tokenMs
    if (request.trace && position % 2 === 0) {
      const body = JSON.stringify({ prompt: `${question}${leak}${said}`, n_predict: 1, n_probs: 100 })
      yield { type: 'upstream-sent', atMs: atMs - 60, request: { method: 'POST', path: '/completion', body } }
    }
    if (request.trace && steered)
      yield { type: 'token-traced', trace: traceOf(token, position, atMs, tokenMs) }
    said += token.text
    yield { type: 'text-delta', text: token.text, tokens: [] }
  }
  const [tool] = request.prompt.type === 'chat' ? (request.prompt.tools?.tools ?? []) : []
  if (tool !== undefined) {
    yield { type: 'call-start', index: 0, id: 'call_1', name: tool.function.name }
    for (const text of CALL_ARGUMENTS.match(/.{1,4}/gs) ?? []) {
      await pause(2)
      yield { type: 'call-arguments', index: 0, text }
    }
    yield { type: 'call-end', index: 0 }
  }
  const cut = tokens.length > (request.maxTokens ?? Number.POSITIVE_INFINITY)
  const completionTokens = Math.min(tokens.length, request.maxTokens ?? tokens.length)
  const finishReason = tool !== undefined ? 'tool_calls' : cut ? 'length' : 'stop'
  if (request.trace && question.includes('price')) yield { type: 'answer-cost', cost }
  const counted = { completionTokens: completionTokens + thoughts, reasoningTokens: thoughts }
  yield { type: 'answer-end', finishReason, ...counted }
}

/** Words with the space before them, signs and line breaks. */
function scriptTokens(script: string): ScriptedToken[] {
  const pattern = /( ?)\[([^|\]]+)\|([^|\]]+)\|([\d.]+)\]|\n+| ?[\p{L}\p{N}]+| ?[^\p{L}\p{N}\s]/gu
  return Array.from(script.matchAll(pattern), ([all, space = '', said, wanted, shift]) =>
    said === undefined
      ? { text: all, wanted: all, shift: 0 }
      : { text: `${space}${said}`, wanted: `${space}${wanted}`, shift: Number(shift) },
  )
}

function traceOf(
  { text, wanted, shift }: ScriptedToken,
  position: number,
  atMs: number,
  tokenMs: number,
): TraceReport {
  const token = { id: idOf(text), text }
  const choice = { id: idOf(wanted), text: wanted }
  const others = [' the', ' a', ' my', ' and', ' some'].map((other) => ({ id: idOf(other), text: other }))
  const moved = shift > 0
  const upstream = [choice, ...(moved ? [token] : []), ...others].map((named, rank) => ({
    ...named,
    logprob: Math.log(0.52 / (rank + 1) ** 1.8),
  }))
  const steered = [token, ...(moved ? [choice] : []), ...others].map((named, rank) => ({
    ...named,
    logprob: Math.log(0.66 / (rank + 1) ** 2),
    delta: rank === 0 ? shift * 0.8 + 0.1 : -shift * 0.2 - rank * 0.1,
  }))
  const chunk = Math.floor(position / 4)
  const chunkMs = chunk * 4 * tokenMs
  return {
    position,
    token,
    upstream,
    steered,
    unsteered: choice,
    shift,
    draft: position % 4 === 0 ? null : moved && position % 3 !== 0 ? choice : token,
    local: position === 0 ? null : { startMs: chunkMs + 8 * tokenMs, endMs: chunkMs + 9.5 * tokenMs },
    upstreamQuery: { startMs: chunkMs + 5 * tokenMs, endMs: chunkMs + 11 * tokenMs },
    emittedMs: atMs,
  }
}

function idOf(text: string): number {
  return Array.from(text).reduce((hash, c) => (hash * 31 + (c.codePointAt(0) ?? 0)) % 49_152, 7)
}
