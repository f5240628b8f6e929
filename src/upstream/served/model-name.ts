import { GatewayError } from '../../gateway-error.ts'

/** The model's name among those served. Throws GatewayError `upstream_incapable`. */
export function modelName(wanted: string | undefined, served: readonly string[], where: string): string {
  const only = served[0]
  if (wanted === undefined && only !== undefined) return only
  if (wanted !== undefined && served.includes(wanted)) return wanted
  throw new GatewayError(
    'upstream_incapable',
    `${where} serves ${served.map((name) => `"${name}"`).join(', ') || 'no model'}, not "${wanted ?? 'any'}". Correct the model's name.`,
  )
}
