import { useComputed, useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { WireUpstreamRequest } from '../../src/proxy/answers/trace/trace-schema.ts'
import { CheckIcon } from '../icons.tsx'
import { answeredAs, answeredTexts, asked, rememberTexts, running, steered } from '../state/comparison.ts'
import { decimal, t } from '../texts/texts.ts'
import { BothViews } from './both-views.tsx'
import { findPhrases, profilePhrases } from './profile-phrases.ts'
import { searchableText, sentText } from './sent-text.ts'

/** Every request that went to the large model for the steered answer, word for word. */
export function PrivacyPanel() {
  const search = useSignal('')
  const { requests } = steered.value
  const wanted = search.value.trim().toLowerCase()
  const matching =
    wanted === ''
      ? requests
      : requests.filter((request) => searchableText(request).toLowerCase().includes(wanted))
  const bytes = requests.reduce((sum, { body }) => sum + body.length, 0)
  return (
    <>
      <div class="privacy-head">
        <ProfileMarker />
        <p>{t().privacy.everything(requests.length, decimal(bytes / 1024, 0))}</p>
      </div>
      <BothViews />
      <label class="search">
        <span class="visually-hidden">{t().privacy.search}</span>
        <input
          type="search"
          placeholder={t().privacy.searchHint}
          value={search.value}
          onInput={({ currentTarget }) => {
            search.value = currentTarget.value
          }}
        />
        <span role="status">
          {wanted === '' ? '' : t().privacy.matching(matching.length, requests.length)}
        </span>
      </label>
      <ol class="requests">
        {matching.map((request) => (
          <SentRequest key={requests.indexOf(request)} request={request} />
        ))}
      </ol>
    </>
  )
}

/** Says whether phrases of the profile are in what was sent. */
function ProfileMarker() {
  useEffect(() => void rememberTexts(), [answeredAs.value])
  const counted = useComputed(() => {
    const { value } = steered
    const profile = answeredAs.value
    const history = answeredTexts.value
    if (profile === null || history === null || running.value || value.requests.length === 0) return null
    const sent = value.requests.map(searchableText)
    const phrases = profilePhrases({ ...profile, history: [...profile.history, ...history] })
    return findPhrases(phrases, { sent, question: asked.value?.prompt ?? '', answer: value.text })
  })
  if (running.value) return <p class="marker pending">{t().privacy.pending}</p>
  if (counted.value === null && answeredAs.value !== null && answeredTexts.value === null) {
    return <p class="marker pending">{t().privacy.reading}</p>
  }
  if (counted.value === null) return <p class="marker pending">{t().privacy.closed}</p>
  const { found, said } = counted.value
  return (
    <div>
      <p class={`marker ${found.length === 0 ? 'good' : 'bad'}`}>
        {found.length === 0 && <CheckIcon />}
        {t().privacy.found(found.length)}
      </p>
      {found.length > 0 && (
        <ul class="found" aria-label={t().privacy.whatFound}>
          {found.map((phrase) => (
            <li key={phrase}>“{phrase}”</li>
          ))}
        </ul>
      )}
      {said.length > 0 && <p class="hint">{t().privacy.said(said.length)}</p>}
    </div>
  )
}

function SentRequest({ request }: { request: WireUpstreamRequest }) {
  const { atMs, method, path, body, text } = request
  const open = useSignal(false)
  return (
    <li>
      <details
        onToggle={({ currentTarget }) => {
          open.value = currentTarget.open
        }}
      >
        <summary>
          <span class="at">{decimal(atMs / 1000, 2).replace('-', '−')} s</span>
          <span class="call">
            {method} {path}
          </span>
          <span class="excerpt">{ending(sentText(request))}</span>
          <span class="size">
            {body.length < 1000 ? `${body.length} B` : `${decimal(body.length / 1024, 1)} KB`}
          </span>
        </summary>
        {open.value && (
          <>
            <pre>{body}</pre>
            {text !== undefined && (
              <>
                <p class="hint">{t().privacy.idsRead}</p>
                <pre>{text}</pre>
              </>
            )}
          </>
        )}
      </details>
    </li>
  )
}

/** The end is what differs from one request to the next. */
function ending(text: string): string {
  return (text.length <= 80 ? text : `… ${text.slice(-80)}`).replace(/\s+/g, ' ')
}
