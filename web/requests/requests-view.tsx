// This room owns the page of recent requests: which clients asked, and why one of them is not steered.

import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { RecentRequestEntry } from '../../src/proxy/recent/requests-route.ts'
import { failureText } from '../api/gateway-fetch.ts'
import { listRequests } from '../api/requests-client.ts'
import { profileName } from '../state/comparison.ts'
import { language, t } from '../texts/texts.ts'
import { figuresOf, shortClient, verdictOf } from './request-words.ts'

const READ_EVERY_MS = 2000

/** The last requests for answers, newest first, as they come in. */
export function RequestsView() {
  const entries = useSignal<readonly RecentRequestEntry[] | null>(null)
  const failure = useSignal<string | null>(null)
  const onlyUnsteered = useSignal(false)
  useEffect(() => {
    const leaving = new AbortController()
    const read = async () => {
      try {
        entries.value = await listRequests(leaving.signal)
        failure.value = null
      } catch (error) {
        if (!leaving.signal.aborted) failure.value = failureText(error)
      }
    }
    void read()
    const timer = window.setInterval(() => {
      if (document.visibilityState === 'visible') void read()
    }, READ_EVERY_MS)
    return () => {
      window.clearInterval(timer)
      leaving.abort()
    }
  }, [])
  const known = entries.value
  const texts = t().requests
  const shown = known?.filter(({ steering, error }) => !onlyUnsteered.value || steering !== 'on' || error)
  return (
    <section class="requests-view" aria-labelledby="requests-title">
      <header>
        <h1 id="requests-title">{texts.title}</h1>
        <p class="hint">{texts.hint}</p>
        {known !== null && known.length > 0 && (
          <label class="check">
            <input
              type="checkbox"
              checked={onlyUnsteered.value}
              onChange={({ currentTarget }) => {
                onlyUnsteered.value = currentTarget.checked
              }}
            />
            {texts.onlyUnsteered}
          </label>
        )}
      </header>
      {failure.value !== null && (
        <p class="failure" role="alert">
          {failure.value}
        </p>
      )}
      {known?.length === 0 && <NoRequests />}
      {known !== null && known.length > 0 && shown?.length === 0 && (
        <p class="page-note">{texts.allSteered}</p>
      )}
      {shown !== undefined && shown.length > 0 && (
        <ol class="card request-list">
          {shown.map((entry) => (
            <Request key={`${entry.id} ${entry.at}`} entry={entry} />
          ))}
        </ol>
      )}
    </section>
  )
}

function Request({ entry }: { entry: RecentRequestEntry }) {
  const { kind, label, why } = verdictOf(entry, (id) => profileName(id) || id)
  const { at, client, model, route, times } = entry
  return (
    <li>
      <time dateTime={at} title={new Date(at).toLocaleString(language.value)}>
        {new Date(at).toLocaleTimeString(language.value)}
      </time>
      <div class="request-words">
        <p>
          <b title={client}>{shortClient(client)}</b>
          {model !== null && t().requests.asked(model)}
          {times > 1 && t().requests.times(times)} <span class={`badge ${kind}`}>{label}</span>
        </p>
        {why !== null && <p>{why}</p>}
        <p class="hint">
          {figuresOf(entry)} · <code>{route === 'unmatched' ? t().requests.wrongPath : route}</code>
        </p>
      </div>
    </li>
  )
}

function NoRequests() {
  const { before, after } = t().requests.nobody
  const base = new URL('v1', document.baseURI).href
  return (
    <div class="page-note">
      <p>
        {before}
        <code>{base}</code>
        {after}
      </p>
    </div>
  )
}
