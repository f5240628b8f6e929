import type { ModelChoicesObject, ModelWorkObject } from '../../src/proxy/model-api/model-wire.ts'
import { byteSize, t } from '../texts/texts.ts'
import { startWith } from './choice.ts'
import { isAtWork, serve, stop } from './models-state.ts'

/** How far fetching or changing models is, and what came of it. */
export function WorkCard({ listing }: { listing: ModelChoicesObject }) {
  const { work } = listing
  if (work === null) return null
  if (work.state === 'failed') return <Failed work={work} />
  return (
    <section class="card models-work" aria-label={t().models.progress}>
      <p role="status">{said(work, listing)}</p>
      {isAtWork(listing) && <Bar work={work} />}
      {isAtWork(listing) && work.state !== 'ending' && (
        <button type="button" class="button small" onClick={() => void stop()}>
          {t().stop}
        </button>
      )}
      {work.state === 'done' && <Lasting listing={listing} />}
    </section>
  )
}

function Bar({ work: { receivedBytes, totalBytes } }: { work: ModelWorkObject }) {
  const share = totalBytes === null ? undefined : (receivedBytes ?? 0) / totalBytes
  return <progress aria-label={t().models.progress} value={share} />
}

function said(
  { state, model, receivedBytes, totalBytes }: ModelWorkObject,
  listing: ModelChoicesObject,
): string {
  const texts = t().models
  const name = listing.models.find((one) => one.name === model)?.title ?? model ?? ''
  switch (state) {
    case 'waiting':
      return texts.waiting(name)
    case 'fetching':
      return totalBytes === null
        ? texts.fetchBegins(name)
        : texts.fetching(name, byteSize(receivedBytes ?? 0), byteSize(totalBytes))
    case 'verifying':
      return texts.verifying(name)
    case 'preparing':
      return texts.preparing(name)
    case 'opening':
      return texts.opening
    case 'ending':
      return texts.ending
    case 'done':
      return texts.done(listing.now.large.join(', '), listing.now.small)
    case 'failed':
      return ''
    case 'stopped':
      return texts.stopped
    default:
      return state satisfies never
  }
}

/** The models before answer on. */
function Failed({ work: { message, choice } }: { work: ModelWorkObject }) {
  const texts = t().models
  return (
    <div class="failure" role="alert">
      <p>{texts.failed}</p>
      <p>{message}</p>
      {choice !== null && (
        <button type="button" class="link-button" onClick={() => void serve(choice)}>
          {t().tryAgain}
        </button>
      )}
    </div>
  )
}

function Lasting({ listing }: { listing: ModelChoicesObject }) {
  const start = startWith(listing, listing.now.choice)
  if (start === null) return null
  return (
    <p class="hint">
      {t().models.untilEnd} <code class="start-with">{start}</code>
    </p>
  )
}
