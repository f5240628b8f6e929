import type { DecodeEvent, DecodeOptions } from './decode.ts'
import type { Distribution } from './distribution.ts'
import { freeRun } from './free-run.ts'
import { Gate } from './gate.ts'
import type { LocalContinuation, LocalRow } from './local-pair.ts'
import { settleStep } from './settle-step.ts'
import type { TokenId } from './token-id.ts'
import { TokenSelector } from './token-selector.ts'

/**
 * The algorithm as published, token by token: one upstream query and one local step for each token, side by side.
 * Every faster loop must emit exactly these events.
 */
export async function* referenceLoop(options: DecodeOptions): AsyncGenerator<DecodeEvent, void, undefined> {
  const { local, steering, maxTokens } = options
  if (local === null) {
    yield* freeRun(options, options.prompt, maxTokens)
    return
  }
  const selector = new TokenSelector({ ...options, strength: steering.strength })
  const gate = steering.gate === null ? null : new Gate(steering.gate)
  const prefix = [...options.prompt]
  let row: LocalRow | null = null
  for (let position = 0; position < maxTokens; position++) {
    const { distribution, next } = await askBoth(options, local, row, prefix)
    if (next === null) {
      yield* freeRun(options, prefix, maxTokens - position)
      return
    }
    row = next
    local.retain(row)
    const selection = await settleStep(options, selector, {
      distribution,
      row,
      prefix: [...prefix],
      position,
    })
    if (options.endTokens.has(selection.token)) {
      yield { type: 'decode-end', reason: 'end-token' }
      return
    }
    yield { type: 'token-emitted', ...selection, steered: true }
    prefix.push(selection.token)
    gate?.observe(distribution)
    if (gate?.closed && position + 1 < maxTokens) {
      yield* freeRun(options, prefix, maxTokens - position - 1)
      return
    }
  }
  yield { type: 'decode-end', reason: 'length' }
}

/**
 * The upstream's distribution after `prefix` and the local row there: the root for `row` null, else one token below it.
 * `next` is null when the local model failed and the answer is to go on without it.
 */
async function askBoth(
  { upstream, steering, signal }: DecodeOptions,
  local: LocalContinuation,
  row: LocalRow | null,
  prefix: readonly TokenId[],
): Promise<{ distribution: Distribution; next: LocalRow | null }> {
  // Settled together so that a failure of one never leaves the other as an unhandled rejection.
  const [answer, step] = await Promise.allSettled([
    upstream.distributions({ prefixes: [[...prefix]], candidates: steering.candidates, signal }),
    row === null ? [local.root] : local.feed(row, prefix.slice(-1)),
  ])
  signal.throwIfAborted()
  if (answer.status === 'rejected') throw answer.reason
  if (step.status === 'rejected' && steering.onLocalFailure === 'fail') throw step.reason
  return {
    distribution: answer.value[0] as Distribution,
    next: step.status === 'rejected' ? null : (step.value[0] as LocalRow),
  }
}
