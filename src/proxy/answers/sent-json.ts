import { eventLoopTurn } from '../../event-loop-turn.ts'
import { GatewayError } from '../../gateway-error.ts'
import { jsonMembers } from '../../upstream/passthrough/json-members.ts'
import { isJson } from '../../upstream/passthrough/passed-body.ts'
import { ProxyError } from '../errors/proxy-error.ts'
import type { AppContext } from '../request/app-env.ts'
import { checkBodyShape } from './body-shape.ts'

/** Bytes; what is shorter is read soon enough, whatever it holds. */
const LARGE = 65_536

interface SentJson {
  /** As they came. */
  readonly bytes: Uint8Array
  /** What they say, with bigints for the seeds that JavaScript would round. */
  readonly sent: Readonly<Record<string, unknown>>
}

/**
 * A request's body, which has to be a JSON object; a large one is read in steps. Rejects
 * with `unsupported_media_type`, `malformed_request` or `invalid_request`.
 */
export async function sentJson(c: AppContext): Promise<SentJson> {
  if (!isJson(c.req.header('content-type') ?? '')) {
    const message = 'Send the request body with content-type: application/json.'
    throw new ProxyError('unsupported_media_type', message)
  }
  const bytes = new Uint8Array(await c.req.arrayBuffer())
  const isLarge = bytes.length > LARGE
  if (isLarge) await eventLoopTurn()
  const text = new TextDecoder().decode(bytes)
  if (isLarge) {
    await eventLoopTurn()
    checkBodyShape(text)
    await eventLoopTurn()
  }
  const sent = parsed(text)
  if (isLarge) await eventLoopTurn()
  if (typeof sent !== 'object' || sent === null || Array.isArray(sent)) {
    throw new GatewayError('invalid_request', 'The request body is invalid: expected a JSON object.')
  }
  return { bytes, sent: withWholeSeeds(sent, text) }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new ProxyError('malformed_request', 'The request body is not valid JSON.')
  }
}

/** The object with its own seed and that of `costeer` as the text has them, to the last digit. */
function withWholeSeeds(sent: object, text: string, from = 0): Record<string, unknown> {
  const object: Record<string, unknown> = { ...sent }
  const { seed, costeer } = object
  if (isRounded(seed)) object.seed = wholeMember(text, from, 'seed') ?? seed
  if (typeof costeer === 'object' && costeer !== null && 'seed' in costeer && isRounded(costeer.seed)) {
    const at = jsonMembers(text, from)?.findLast(({ name }) => name === 'costeer')?.valueStart
    if (at !== undefined) object.costeer = withWholeSeeds(costeer, text, at)
  }
  return object
}

function isRounded(value: unknown): boolean {
  return typeof value === 'number' && !Number.isSafeInteger(value)
}

/** The last member of that name, as `JSON.parse` has it too; null where it is no integer. */
function wholeMember(text: string, from: number, name: string): bigint | null {
  const member = jsonMembers(text, from)?.findLast((one) => one.name === name)
  const digits = member === undefined ? '' : text.slice(member.valueStart, member.end)
  return /^-?\d{1,20}$/.test(digits) ? BigInt(digits) : null
}
