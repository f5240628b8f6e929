// This room owns the requests to the gateway, and what comes of them. It knows nothing of the page.

import { signal } from '@preact/signals'
import type { ErrorEnvelope } from '../../src/proxy/errors/error-schema.ts'
import { t } from '../texts/texts.ts'

/** A refusal or failure of the gateway, with the sentence that it gives for it. */
export class RequestFailure extends Error {
  override readonly name = 'RequestFailure'
  readonly status: number
  readonly code: string

  constructor(status: number, { code, message }: { code: string; message: string }) {
    super(message)
    this.status = status
    this.code = code
  }
}

const STORAGE_KEY = 'costeer-key'

/** The API key for this tab; it is gone when the tab is closed. */
export const apiKey = signal(sessionStorage.getItem(STORAGE_KEY) ?? '')

export function rememberApiKey(key: string): void {
  apiKey.value = key
  sessionStorage.setItem(STORAGE_KEY, key)
}

/**
 * Fetches from the gateway that served this page. Rejects with RequestFailure for every answer that is no
 * success.
 */
export async function gatewayFetch(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers)
  if (apiKey.value !== '') headers.set('authorization', `Bearer ${apiKey.value}`)
  const response = await fetch(new URL(path, document.baseURI), { ...init, headers }).catch(
    (error: unknown) => {
      if (init.signal?.aborted === true) throw error
      throw unreachable(t().failures.unreachable)
    },
  )
  if (response.ok) return response
  throw new RequestFailure(response.status, await errorOf(response))
}

/** What comes of a gateway that is gone. */
export function unreachable(message: string): RequestFailure {
  return new RequestFailure(0, { code: 'unreachable', message })
}

export function jsonBody(value: unknown) {
  return {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(value),
  }
}

async function errorOf(response: Response): Promise<{ code: string; message: string }> {
  try {
    return ((await response.json()) as ErrorEnvelope).error
  } catch {
    return { code: 'unknown', message: t().failures.status(response.status) }
  }
}

/** What to tell a person about a failure. */
export function failureText(error: unknown): string {
  return error instanceof Error ? error.message : t().failures.unknown
}
