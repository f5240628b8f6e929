import { Interpreter, type Template } from '@huggingface/jinja'

/** A template that computes too much, whatever for. */
export class TemplateExhausted extends Error {
  override readonly name = 'TemplateExhausted'
}

/** Expressions and statements that one rendering may evaluate: some tens of milliseconds. */
const BASE_STEPS = 20_000
/** More of them for each message, and for each UTF-16 unit of what describes the tools. */
const STEPS_A_MESSAGE = 500
const STEPS_A_TOOL_UNIT = 2
/** UTF-16 units of one text, and items of one list. */
const MOST_LENGTH = 2 ** 24
const MOST_RANGE = 10_000

const evaluateOriginal = Interpreter.prototype.evaluate

/** Of the rendering that runs: rendering is synchronous. */
let stepsLeft = Number.POSITIVE_INFINITY

type Evaluate = typeof evaluateOriginal

// The library has no limit of its own and does not export what a subclass would need.
Interpreter.prototype.evaluate = function evaluateBounded(
  this: Interpreter,
  ...[statement, environment]: Parameters<Evaluate>
): ReturnType<Evaluate> {
  if (--stepsLeft < 0) throw new TemplateExhausted()
  if (statement !== undefined && isRangeCall(statement)) {
    for (const argument of statement.args) {
      const { value } = evaluateOriginal.call(this, argument, environment)
      if (Math.abs(Number(value)) > MOST_RANGE) throw new TemplateExhausted()
    }
  }
  const result = evaluateOriginal.call(this, statement, environment)
  const { value } = result
  if ((typeof value === 'string' || Array.isArray(value)) && value.length > MOST_LENGTH) {
    throw new TemplateExhausted()
  }
  return result
}

type Statement = NonNullable<Parameters<Evaluate>[0]>

function isRangeCall(statement: Statement): statement is Statement & { readonly args: Statement[] } {
  return (
    statement.type === 'CallExpression' &&
    'args' in statement &&
    'callee' in statement &&
    (statement.callee as { readonly value?: unknown }).value === 'range'
  )
}

/**
 * Renders a template, which may come from anywhere: what never ends, or grows without end, throws
 * TemplateExhausted, and what calls itself without end a RangeError.
 */
export function renderBounded(
  template: Template,
  values: Readonly<Record<string, unknown>> & {
    readonly messages: readonly object[]
    readonly tools?: readonly object[]
  },
): string {
  const { messages, tools = [] } = values
  const toolUnits = tools.length === 0 ? 0 : JSON.stringify(tools).length
  stepsLeft = BASE_STEPS + STEPS_A_MESSAGE * messages.length + STEPS_A_TOOL_UNIT * toolUnits
  try {
    return template.render(values)
  } finally {
    stepsLeft = Number.POSITIVE_INFINITY
  }
}
