import { z } from '@hono/zod-openapi'
import type { SteeringState } from '../../gateway/answer.ts'
import type { AnswerRequest } from '../../gateway/answer-request.ts'
import type { Gateway } from '../../gateway/gateway.ts'
import { GatewayError } from '../../gateway-error.ts'
import type { Passthrough } from '../../upstream/passthrough/passthrough.ts'
import { invalidRequest } from '../errors/invalid-request.ts'
import { guardedServer } from '../passthrough/guarded-server.ts'
import { passOn } from '../passthrough/pass-on.ts'
import type { AppContext } from '../request/app-env.ts'
import type { StreamOptions } from '../request/client-stream.ts'
import { headersOf } from '../request/headers-of.ts'
import { senderOf } from '../request/passed-caller.ts'
import { withSentName } from '../request/sent-name.ts'
import type { AnswerBody, AnswerEndpoint } from './answer-endpoint.ts'
import { shapeOf } from './fields/field-table.ts'
import { judgeFields, refusalOf, withoutLeftOut } from './fields/judge-fields.ts'
import {
  modelField,
  steeringFields,
  steeringHeadersSchema,
  steeringOverrides,
} from './fields/steering-fields.ts'
import { sentJson } from './sent-json.ts'

export interface RoutingOptions extends StreamOptions {
  readonly gateway: Gateway
  /** `profiles.user_headers` of the configuration. */
  readonly userHeaders: readonly string[]
}

/** The part of an endpoint that decides where its requests go. */
type Form<Body extends AnswerBody> = Pick<
  AnswerEndpoint<Body, object>,
  'fields' | 'schema' | 'servedUnsteered' | 'passedOn' | 'conversation' | 'userOf'
>

/** A request that the gateway is to answer. */
export interface OwnRequest<Body> {
  readonly body: Body
  readonly model: string
  /** Who asks, and how to steer. */
  readonly overrides: Pick<AnswerRequest, 'caller' | 'overrides' | 'trace'>
  /** Its fields that have no effect. */
  readonly ignored: readonly string[]
}

type RoutedRequest<Body> = { readonly passed: Response } | { readonly own: OwnRequest<Body> }

/**
 * Finds out who answers a request. What steering cannot do is found first and passed on as it came; only what
 * is answered here is checked against the schema, whose ranges are those of steering.
 */
export async function routedRequest<Body extends AnswerBody>(
  c: AppContext,
  form: Form<Body>,
  options: RoutingOptions,
): Promise<RoutedRequest<Body>> {
  const { gateway } = options
  const { bytes, sent } = await sentJson(c)
  const model = knownName(checked(routingSchema, sent).model ?? gateway.models[0]?.id, gateway)
  if (model === undefined) {
    const message = 'The request names no model, and no default is configured.'
    throw new GatewayError('model_not_found', message, { param: 'model' })
  }
  const judgement = judgeFields(sent, form.fields, () => gateway.upstreamOf(model))
  const { obstacle, ignored } = judgement
  const user = form.userOf?.(sent)
  const named = user === undefined ? sent : { ...sent, user }
  const passthrough =
    obstacle === null
      ? unsteeredServer(c, form, { sent: named, model, options })
      : form.passedOn === false
        ? null
        : passedOnServer(c, { sent: named, model, options })
  if (passthrough !== null) {
    const steering: SteeringState =
      obstacle === null
        ? { state: 'off', reason: 'no-profile' }
        : { state: 'bypassed', reason: obstacle.field }
    const streamed = sent.stream === true
    return { passed: await passOn({ c, passthrough, body: bytes, model, streamed, steering }, options) }
  }
  const body = checked(form.schema, withoutLeftOut(sent, form.fields, judgement))
  const headers = checked(steeringHeadersSchema, headersOf(c, steeringHeadersSchema))
  if (obstacle !== null) throw refusalOf(obstacle, form.passedOn !== false)
  const sender = senderOf(c, options.userHeaders)
  const overrides = steeringOverrides(user === undefined ? body : { ...body, user }, headers, sender)
  return { own: { body, model, overrides, ignored } }
}

/** What the gateway is asked for each prompt. Throws `invalid_request` where fields contradict each other. */
export function answerRequests<Body extends AnswerBody>(
  { asked }: Pick<AnswerEndpoint<Body, object>, 'asked'>,
  { body, model, overrides }: OwnRequest<Body>,
  signal: AbortSignal,
): readonly AnswerRequest[] {
  return asked(body).map((one) => ({ model, ...one, ...overrides, signal }))
}

/** Ollama's clients write the tag that it gives names without one. */
function knownName(name: string | undefined, { models }: Gateway): string | undefined {
  const plain = name?.replace(/:latest$/, '')
  const isKnown = (id: string | undefined) => models.some((model) => model.id === id)
  return !isKnown(name) && isKnown(plain) ? plain : name
}

/** What decides where a request goes. */
const routingSchema = z.looseObject(shapeOf(modelField))

function checked<Value>(schema: z.ZodType<Value>, sent: object): Value {
  const { success, data, error } = schema.safeParse(sent)
  if (!success) throw invalidRequest(error)
  return data
}

/** What decides whether a server may answer: who asks, and what only the gateway can tell. */
const callerSchema = z.looseObject(shapeOf(steeringFields))

interface SentRequest {
  readonly sent: object
  readonly model: string
  readonly options: RoutingOptions
}

/** The server that does what steering cannot; null where there is none. */
function passedOnServer(
  c: AppContext,
  { sent, model, options: { gateway, userHeaders } }: SentRequest,
): Passthrough | null {
  const { passthrough: server } = gateway.upstreamOf(model)
  return server === null ? null : guardedServer(c, { gateway, server, sent, userHeaders })
}

/** The server that answers a caller without a profile; null where the gateway does. */
function unsteeredServer<Body extends AnswerBody>(
  c: AppContext,
  form: Form<Body>,
  { sent, model, options: { gateway, userHeaders } }: SentRequest,
): Passthrough | null {
  if (!form.servedUnsteered) return null
  const body = callerSchema.safeParse(sent)
  const headers = steeringHeadersSchema.safeParse(headersOf(c, steeringHeadersSchema))
  // Refused as any other request that is not well-formed
  if (!body.success || !headers.success) return null
  const { caller, trace } = steeringOverrides(body.data, headers.data, senderOf(c, userHeaders))
  if (trace || body.data.costeer?.seed != null) return null
  try {
    return gateway.unsteeredServer(model, caller)
  } catch (error) {
    throw withSentName(error, { sent, conversation: form.conversation })
  }
}
