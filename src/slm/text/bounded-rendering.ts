import { Environment, Interpreter, type Template } from '@huggingface/jinja'

/** A template that computes too much, whatever for. */
export class TemplateExhausted extends Error {
  override readonly name = 'TemplateExhausted'
}

/** What one rendering may take, where evaluating an expression or statement takes 1. */
const BASE_STEPS = 20_000
/** More of them for each message, and one for each UTF-16 unit of its content. */
const STEPS_A_MESSAGE = 500
/** More of them for each UTF-16 unit of the tools as JSON: some templates walk through all schemas. */
const STEPS_A_TOOL_UNIT = 2
/** UTF-16 units of a text, or items of a list, that take one step more whenever they are a value. */
const SIZE_A_STEP = 64
/** Values that one value may hold, counted again wherever they are held twice. */
const MOST_HELD = 2 ** 20

type Evaluate = typeof Interpreter.prototype.evaluate
type Statement = NonNullable<Parameters<Evaluate>[0]>
type Value = ReturnType<Evaluate>

const evaluateOriginal = Interpreter.prototype.evaluate

/** Of the rendering that runs: rendering is synchronous. */
let stepsLeft = Number.POSITIVE_INFINITY
let held = new WeakMap<Value, number>()
let iterables = new WeakSet<Statement>()

function take(steps: number): void {
  stepsLeft -= steps
  if (stepsLeft < 0) throw new TemplateExhausted()
}

// The library has no limit of its own and does not export what a subclass would need.
Interpreter.prototype.evaluate = function evaluateBounded(
  this: Interpreter,
  ...[statement, environment]: Parameters<Evaluate>
): Value {
  take(1)
  if (statement?.type === 'For') iterables.add(iterableOf(statement))
  const result = evaluateOriginal.call(this, statement, environment)
  const size = sizeOf(result.value)
  if (typeof result.value !== 'string' && size > 0) heldBy(result)
  // A loop makes a scope for each item before it runs
  const isLooped = statement !== undefined && iterables.has(statement)
  take(isLooped ? size : size / SIZE_A_STEP)
  return result
}

function sizeOf(value: Value['value']): number {
  if (typeof value === 'string' || Array.isArray(value)) return value.length
  return value instanceof Map ? value.size : 0
}

/** A loop's list: `in list`, or `in list if test`. */
function iterableOf(loop: Statement): Statement {
  const { iterable } = loop as Statement & { readonly iterable: Statement & { readonly lhs?: Statement } }
  return iterable.type === 'SelectExpression' && iterable.lhs !== undefined ? iterable.lhs : iterable
}

/** Values that a value holds, at any depth: lists that hold one list twice double with each of them. */
function heldBy(whole: Value): number {
  const known = held.get(whole)
  if (known !== undefined) return known
  const { value } = whole
  const parts: Iterable<Value> = Array.isArray(value) ? value : value instanceof Map ? value.values() : []
  held.set(whole, 1)
  let sum = 1
  for (const part of parts) sum += heldBy(part)
  take(sum / SIZE_A_STEP)
  if (sum > MOST_HELD) throw new TemplateExhausted()
  // A namespace may be given other values later
  if (whole.type === 'NamespaceValue') held.delete(whole)
  else held.set(whole, sum)
  return sum
}

/** As Python's, for as many numbers as there are steps left. */
function boundedRange(first: number, end?: number, step = 1): number[] {
  const [start, stop] = end === undefined ? [0, first] : [first, end]
  const length = Math.max(0, Math.ceil((stop - start) / step))
  if (!Number.isSafeInteger(length)) throw new TypeError('range() takes numbers and a step')
  take(length)
  return Array.from({ length }, (_, at) => start + at * step)
}

interface TemplateValues extends Readonly<Record<string, unknown>> {
  readonly messages: readonly { readonly content?: unknown }[]
  readonly tools?: readonly object[]
}

function stepsFor({ messages, tools = [] }: TemplateValues): number {
  const ofTools = tools.length === 0 ? 0 : STEPS_A_TOOL_UNIT * JSON.stringify(tools).length
  return messages.reduce(
    (sum, { content }) => sum + STEPS_A_MESSAGE + (typeof content === 'string' ? content.length : 0),
    BASE_STEPS + ofTools,
  )
}

/**
 * Renders a template, which may come from anywhere: what never ends, or grows without end, throws
 * TemplateExhausted, and what calls itself without end a RangeError. `values` are its variables and
 * functions, those of the language apart.
 */
export function renderBounded(template: Template, values: TemplateValues): string {
  const own = { true: true, false: false, none: null, True: true, False: false, None: null }
  try {
    const environment = new Environment()
    for (const [name, value] of Object.entries({ ...values, ...own, range: boundedRange })) {
      environment.set(name, value)
    }
    stepsLeft = stepsFor(values)
    const { value } = new Interpreter(environment).run(template.parsed)
    return String(value)
  } finally {
    stepsLeft = Number.POSITIVE_INFINITY
    held = new WeakMap()
    iterables = new WeakSet()
  }
}
