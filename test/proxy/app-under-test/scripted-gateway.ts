import type { AnswerEvent, SteeringState } from '../../../src/gateway/answer.ts'
import type { AnswerRequest } from '../../../src/gateway/answer-request.ts'
import type {
  CallerProfiles,
  Gateway,
  ModelCard,
  Readiness,
  UpstreamAccess,
} from '../../../src/gateway/gateway.ts'
import type { Passthrough } from '../../../src/upstream/passthrough/passthrough.ts'
import type { ManualTimers } from './manual-timers.ts'

/** One step of a scripted choice: an event, or a fault in its place. */
export type Step =
  | AnswerEvent
  | { readonly type: 'fail'; readonly error: unknown }
  /** Waits for the request's signal, as a model that computes does. */
  | { readonly type: 'hang' }
  /** Waits for ever, whatever the signal says. */
  | { readonly type: 'deaf' }
  /** Runs when the choice gets there, and waits for what comes back. */
  | { readonly type: 'do'; readonly action: () => unknown }

export interface Script {
  /** Steps of each choice; a request for more choices than there are scripts repeats the last one. */
  readonly choices: readonly (readonly Step[])[]
  readonly steering?: SteeringState
  readonly promptTokens?: number
  readonly models?: readonly ModelCard[]
  readonly readiness?: Readiness
  /** Who every caller may be; by default nobody, or Ann. */
  readonly profiles?: CallerProfiles
  /** What is behind every model; by default no server. */
  readonly upstream?: Partial<UpstreamAccess>
  /** The server that answers callers without a profile, which all are then. */
  readonly unsteeredServer?: Passthrough
  /** Runs inside `prepare`, before it resolves. */
  readonly onPrepare?: (request: AnswerRequest) => void | Promise<void>
}

export interface ScriptedGateway extends Gateway {
  readonly requests: AnswerRequest[]
  /** Steps that were asked for, over all choices. */
  readonly pulled: () => number
  /** Choices that were left: by an abort, an early return or at their end. */
  readonly ended: () => number
}

const models: readonly ModelCard[] = [
  { id: 'big', created: 1_700_000_000 },
  { id: 'acme/alias', created: 1_700_000_001 },
]

const noServer: UpstreamAccess = {
  passthrough: null,
  tellsEveryToken: true,
  readsCalls: false,
  reasoningField: 'reasoning_content',
}

/** A gateway that plays a script: for faults and shapes. */
export function scriptedGateway(script: Script): ScriptedGateway {
  const requests: AnswerRequest[] = []
  let pulled = 0
  let ended = 0
  async function* play(steps: readonly Step[], signal: AbortSignal): AsyncGenerator<AnswerEvent> {
    try {
      for (const step of steps) {
        signal.throwIfAborted()
        pulled += 1
        switch (step.type) {
          case 'fail':
            throw step.error
          case 'hang':
            await aborted(signal)
            break
          case 'deaf':
            await new Promise(() => {})
            break
          case 'do':
            await step.action()
            break
          default:
            yield step
        }
      }
    } finally {
      ended += 1
    }
  }
  return {
    models: script.models ?? models,
    requests,
    pulled: () => pulled,
    ended: () => ended,
    upstreamOf: () => ({ ...noServer, ...script.upstream }),
    unsteeredServer: () => script.unsteeredServer ?? null,
    callerProfiles: () => script.profiles ?? { chosen: null, open: [{ id: 'ann', name: 'Ann' }] },
    guarded: (passthrough) => passthrough,
    readiness: async () => script.readiness ?? { ready: true, missing: null },
    async prepare(request) {
      requests.push(request)
      await script.onPrepare?.(request)
      const choices = Array.from({ length: request.choices }, (_, i) =>
        play(script.choices[i] ?? script.choices.at(-1) ?? [], request.signal),
      )
      return {
        steering: script.steering ?? { state: 'on', profile: 'ann' },
        promptTokens: script.promptTokens ?? 7,
        choices,
      }
    },
    async close() {},
  }
}

/** Rejects with the signal's reason once it aborts. */
export function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}

export function text(value: string): AnswerEvent {
  return { type: 'text-delta', text: value, tokens: [] }
}

/** The events of a call, whose arguments come in pieces. */
export function call(index: number, id: string, name: string, ...pieces: readonly string[]): AnswerEvent[] {
  return [
    { type: 'call-start', index, id, name },
    ...pieces.map((piece): AnswerEvent => ({ type: 'call-arguments', index, text: piece })),
    { type: 'call-end', index },
  ]
}

export function end(completionTokens: number, finishReason: 'stop' | 'length' = 'stop'): AnswerEvent {
  return {
    type: 'answer-end',
    finishReason,
    completionTokens,
  }
}

export function wait(promise: Promise<unknown>): Step {
  return { type: 'do', action: () => promise }
}

/** Lets time go on; what runs ahead of its reader by an event is read before. */
export function later(timers: ManualTimers, ms: number): Step {
  const action = async () => {
    await new Promise((resolve) => setImmediate(resolve))
    timers.advance(ms)
  }
  return { type: 'do', action }
}

/** A promise and the function that keeps it. */
export function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {}
  const promise = new Promise<void>((keep) => {
    resolve = keep
  })
  return { promise, resolve }
}
