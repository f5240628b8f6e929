import { GatewayError } from '../../gateway-error.ts'

export interface FitWindowOptions<Part, Rendered = string> {
  /** What may be left out, in the order in which it goes. */
  readonly droppable: readonly Part[]
  /** The text with the given parts left out; each part is in it whole or not at all. */
  readonly render: (left: ReadonlySet<Part>) => Rendered
  readonly countTokens: (text: Rendered) => number
  readonly budgetTokens: number
}

export interface FittedText<Part, Rendered = string> {
  readonly text: Rendered
  readonly tokens: number
  readonly left: ReadonlySet<Part>
}

/**
 * Leaves out as few parts as it takes for the text to fit the budget, in the given order.
 * Throws `context_length_exceeded` when it does not fit without all of them.
 */
export function fitWindow<Part, Rendered = string>({
  droppable,
  render,
  countTokens,
  budgetTokens,
}: FitWindowOptions<Part, Rendered>): FittedText<Part, Rendered> {
  const without = (count: number) => {
    const left = new Set(droppable.slice(0, count))
    const text = render(left)
    return { text, tokens: countTokens(text), left }
  }
  const whole = without(0)
  if (whole.tokens <= budgetTokens) return whole
  let fitting = without(droppable.length)
  if (fitting.tokens > budgetTokens) throw tooLong(fitting.tokens, budgetTokens)
  // Counting a long text takes a while, and the fewer parts are left, the fewer tokens are.
  for (let tooFew = 0; fitting.left.size - tooFew > 1; ) {
    const middle = (tooFew + fitting.left.size) >> 1
    const tried = without(middle)
    if (tried.tokens <= budgetTokens) fitting = tried
    else tooFew = middle
  }
  return fitting
}

function tooLong(tokens: number, budgetTokens: number): GatewayError {
  const message =
    `The profile's facts and the conversation's system prompt need ${tokens} tokens of the local model's window, and ` +
    `${Math.max(0, Math.floor(budgetTokens))} are left. Shorten the conversation or the profile's facts, or ask for a shorter answer.`
  return new GatewayError('context_length_exceeded', message, { param: 'messages' })
}
