import { GatewayError } from '../../gateway-error.ts'

export interface FitWindowOptions<Part, Rendered> {
  /** What may be left out, in the order in which it goes. */
  readonly droppable: readonly Part[]
  /** The prompt with the given parts left out; each part is in it whole or not at all. */
  readonly render: (left: ReadonlySet<Part>) => Rendered
  readonly countTokens: (rendered: Rendered) => number
  readonly budgetTokens: number
}

export interface Fitted<Part, Rendered> {
  readonly rendered: Rendered
  readonly tokens: number
  readonly left: ReadonlySet<Part>
}

/**
 * Leaves out as few parts as it takes for the prompt to fit the budget, in the given order.
 * Throws `context_length_exceeded` when it does not fit without all of them.
 */
export function fitWindow<Part, Rendered>({
  droppable,
  render,
  countTokens,
  budgetTokens,
}: FitWindowOptions<Part, Rendered>): Fitted<Part, Rendered> {
  const left = new Set<Part>()
  for (let dropped = 0; ; dropped++) {
    const rendered = render(left)
    const tokens = countTokens(rendered)
    if (tokens <= budgetTokens) return { rendered, tokens, left }
    const next = droppable[dropped]
    if (next === undefined) throw tooLong(tokens, budgetTokens)
    left.add(next)
  }
}

function tooLong(tokens: number, budgetTokens: number): GatewayError {
  const message =
    `The profile's facts and the conversation's system prompt need ${tokens} tokens of the local model's window, and ` +
    `${Math.max(0, Math.floor(budgetTokens))} are left. Shorten the conversation or the profile's facts, or ask for a shorter answer.`
  return new GatewayError('context_length_exceeded', message, { param: 'messages' })
}
