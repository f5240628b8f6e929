import { z } from 'zod'
import { GatewayError } from '../../gateway-error.ts'

const namesProfile = z.looseObject({ costeer: z.looseObject({ profile: z.string() }) })

/**
 * The failure with the name by which a request has the field at fault; `conversation` is what the request
 * calls its messages.
 */
export function withSentName(
  failure: unknown,
  { sent, conversation = 'messages' }: { readonly sent: unknown; readonly conversation?: string },
): unknown {
  if (!(failure instanceof GatewayError)) return failure
  const names = new Map<string, string>([['messages', conversation]])
  if (namesProfile.safeParse(sent).success) names.set('x-costeer-profile', 'costeer.profile')
  const param = names.get(failure.param ?? '')
  if (param === undefined) return failure
  const { code, message, retryAfterSeconds } = failure
  const retry = retryAfterSeconds === null ? {} : { retryAfterSeconds }
  return new GatewayError(code, message, { cause: failure, param, ...retry })
}
