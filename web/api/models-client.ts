import type { ModelChoiceObject, ModelChoicesObject } from '../../src/proxy/model-api/model-wire.ts'
import { gatewayFetch, jsonBody } from './gateway-fetch.ts'

const BASE = 'costeer/v1/models'

/** Which models answer, which others could, and how far fetching or changing them is. */
export async function listChoices(signal: AbortSignal): Promise<ModelChoicesObject> {
  return read(await gatewayFetch(BASE, { signal }))
}

/** Begins to have other models answer. */
export async function serveModels(choice: ModelChoiceObject): Promise<ModelChoicesObject> {
  return read(await gatewayFetch(`${BASE}/serve`, { method: 'POST', ...jsonBody(choice) }))
}

/** Ends a fetch; what was received is kept. */
export async function stopWork(): Promise<ModelChoicesObject> {
  return read(await gatewayFetch(`${BASE}/stop`, { method: 'POST' }))
}

async function read(response: Response): Promise<ModelChoicesObject> {
  return (await response.json()) as ModelChoicesObject
}
