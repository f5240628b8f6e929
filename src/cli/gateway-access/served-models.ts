import { z } from 'zod'
import { GatewayError } from '../../gateway-error.ts'
import type { Ask } from './running-gateway.ts'

const modelsSchema = z.object({ data: z.array(z.object({ id: z.string() })) })
const settingsSchema = z.object({
  models: z.array(z.object({ id: z.string(), embedded: z.boolean().nullish() })),
})

/** Whether a model runs inside the gateway; false where nobody says so. */
export async function isEmbedded(ask: Ask, model: string): Promise<boolean> {
  const response = await ask('/costeer/v1/settings').catch(() => null)
  const settings = settingsSchema.safeParse(await response?.json().catch(() => null))
  return settings.data?.models.find(({ id }) => id === model)?.embedded === true
}

/** The first model that the gateway lists. */
export async function firstModel(ask: Ask): Promise<string> {
  const listing = modelsSchema.parse(await (await ask('/v1/models')).json())
  const model = listing.data[0]?.id
  if (model !== undefined) return model
  throw new GatewayError('model_not_found', 'The gateway lists no model. Name one with --model.')
}
