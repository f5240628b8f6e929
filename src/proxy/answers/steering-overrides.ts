import type { AnswerRequest } from '../../gateway/answer-request.ts'
import type { CosteerOverrides, SteeringHeaders } from './wire/steering-schema.ts'

/** A checked body's fields that say who asks and how to steer. */
interface SteeringFields {
  readonly user?: string | null | undefined
  readonly costeer?: CosteerOverrides | null | undefined
}

/** Who asks, and what the request itself says of steering. The body wins over the headers. */
export function steeringOverrides(
  { user, costeer }: SteeringFields,
  headers: SteeringHeaders,
  apiKey: string | undefined,
): Pick<AnswerRequest, 'caller' | 'overrides' | 'trace'> {
  const profile = costeer?.profile ?? headers['x-costeer-profile']
  const lookahead = costeer?.lookahead
  const headerStrength = headers['x-costeer-strength']
  const strength = costeer?.strength ?? (headerStrength && Number(headerStrength))
  return {
    caller: {
      ...(apiKey === undefined ? {} : { apiKey }),
      ...(user == null ? {} : { user }),
      ...(profile === undefined ? {} : { profile }),
    },
    overrides: {
      ...(typeof strength === 'number' ? { strength } : {}),
      ...(lookahead == null ? {} : { lookahead }),
    },
    trace: headers['x-costeer-trace'] === '1',
  }
}
