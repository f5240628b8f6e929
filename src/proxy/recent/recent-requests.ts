// This room owns what is kept of the last requests for answers, to tell people why a client is not steered.
// It must not keep any text of a conversation or a profile, nor anything longer than the process runs.
import { createHash } from 'node:crypto'
import type { RequestDetail, RequestRecord } from '../request/request-record.ts'

/** One request for an answer, or several that were refused alike one after the other. */
export interface RecentRequest {
  readonly record: RequestRecord
  readonly detail: RequestDetail
  /** What the client calls itself, in at most 160 printable characters; '' for one that does not say. */
  readonly client: string
  /** SHA-256 of the key that was sent; null without one. */
  readonly key: string | null
  /** Unix seconds of its end; of the last one's where there are several. */
  readonly at: number
  /** How many of its kind in a row; 1 for everything that was answered. */
  readonly times: number
}

const KEPT = 200
const MAX_CLIENT = 160

/** What a request's headers say of its client, as far as it is kept. */
export function clientName(userAgent: string | undefined): string {
  return (userAgent ?? '').replace(/[^\x20-\x7e]+/g, ' ').slice(0, MAX_CLIENT)
}

/** By which the requests of a key are found again, without the key. */
export function keyDigest(key: string | undefined): string | null {
  return key === undefined ? null : createHash('sha256').update(key).digest('hex')
}

/** The last 200 requests for answers of this process. */
export class RecentRequests {
  /** Oldest first. */
  readonly #kept: RecentRequest[] = []

  /** Keeps a request if it asked for an answer, whatever became of it. */
  note(request: Omit<RecentRequest, 'times'>): void {
    if (!asksForAnswer(request.record)) return
    const last = this.#kept.at(-1)
    // Somebody who knocks with a wrong key all day must not push out everybody else.
    const isRepeated = last !== undefined && isRefusal(request) && alike(last, request)
    if (isRepeated) this.#kept.pop()
    this.#kept.push({ ...request, times: isRepeated ? last.times + 1 : 1 })
    if (this.#kept.length > KEPT) this.#kept.shift()
  }

  /** Newest first: all, or those that were sent with one key. */
  list(key?: string | null): readonly RecentRequest[] {
    const open = key === undefined ? this.#kept : this.#kept.filter((request) => request.key === key)
    return open.toReversed()
  }
}

/** Questions come by POST; a count of tokens is none, and the page's own routes answer nothing. */
function asksForAnswer({ method, route }: RequestRecord): boolean {
  return method === 'POST' && !/^\/costeer\/|\/count_tokens$/.test(route)
}

function isRefusal({ record }: Pick<RecentRequest, 'record'>): boolean {
  return record.error !== null && record.answer === null
}

function alike(a: Omit<RecentRequest, 'times'>, b: Omit<RecentRequest, 'times'>): boolean {
  return (
    a.record.route === b.record.route &&
    a.record.error === b.record.error &&
    a.client === b.client &&
    a.key === b.key
  )
}
