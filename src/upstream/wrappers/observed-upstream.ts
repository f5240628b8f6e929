import { AsyncLocalStorage } from 'node:async_hooks'
import type { StreamedToken, StreamQuery, Upstream } from '../../steer/upstream.ts'
import type { SentRequest } from '../http/http-endpoint.ts'
import { sameUpstream } from './same-upstream.ts'

export type SentObserver = (request: SentRequest) => void

const observers = new AsyncLocalStorage<SentObserver>()

/** For adapters: tells the observer of the answer in whose course the request is made, if there is one. */
export const reportSent: SentObserver = (request) => observers.getStore()?.(request)

/** Whether anyone would hear `reportSent` now; for requests that are costly to describe. */
export function isObserved(): boolean {
  return observers.getStore() !== undefined
}

/**
 * Runs something that makes requests; `onSend` sees all of them, also those that are made after it returned.
 */
export function observeSent<T>(onSend: SentObserver, run: () => T): T {
  return observers.run(onSend, run)
}

/** The same upstream, for one answer: `onSend` sees every request that this answer's calls send. */
export function observedUpstream(upstream: Upstream, onSend: SentObserver): Upstream {
  return sameUpstream(upstream, {
    encodeChat: (chat, signal) => observers.run(onSend, () => upstream.encodeChat(chat, signal)),
    distributions: (query) => observers.run(onSend, () => upstream.distributions(query)),
    stream: (query) => observedStream(upstream, query, onSend),
  })
}

async function* observedStream(
  upstream: Upstream,
  query: StreamQuery,
  onSend: SentObserver,
): AsyncGenerator<StreamedToken, void, undefined> {
  const steps = observers.run(onSend, () => upstream.stream(query)[Symbol.asyncIterator]())
  try {
    for (;;) {
      const step = await observers.run(onSend, () => steps.next())
      if (step.done === true) return
      yield step.value
    }
  } finally {
    await steps.return?.()
  }
}
