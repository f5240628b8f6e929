import { useComputed, useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { WireUpstreamRequest } from '../../src/proxy/answers/trace/trace-schema.ts'
import { CheckIcon } from '../icons.tsx'
import { answeredAs, answeredTexts, asked, rememberTexts, running, steered } from '../state/comparison.ts'
import { decimal, t } from '../texts/texts.ts'
import { BothViews } from './both-views.tsx'
import { type FoundPhrases, findPhrases, profilePhrases } from './profile-phrases.ts'
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
  return (
    <>
      <PrivacyHead requests={requests} />
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

/** What was sent in all, and whether phrases of the profile are in it. */
function PrivacyHead({ requests }: { requests: readonly WireUpstreamRequest[] }) {
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
  const texts = t().privacy
  const bytes = requests.reduce((sum, { body }) => sum + body.length, 0)
  return (
    <div class="privacy-head">
      <ProfileMarker counted={counted.value} />
      <p>
        {texts.everything(requests.length, decimal(bytes / 1024, 0))}{' '}
        {counted.value?.found.length === 0 &&
          (counted.value.said.length === 0 ? texts.stays : texts.staysButSaid)}
      </p>
    </div>
  )
}

/** Green only where nothing of the profile was sent, not even with the answer. */
function ProfileMarker({ counted }: { counted: FoundPhrases | null }) {
  const texts = t().privacy
  if (running.value) return <p class="marker pending">{texts.pending}</p>
  if (counted === null) {
    const isReading = answeredAs.value !== null && answeredTexts.value === null
    return <p class="marker pending">{isReading ? texts.reading : texts.closed}</p>
  }
  const { found, said } = counted
  if (found.length === 0 && said.length === 0) {
    return (
      <p class="marker good">
        <CheckIcon />
        {texts.found(0)}
      </p>
    )
  }
  return (
    <div>
      {found.length > 0 && (
        <>
          <p class="marker bad">{texts.found(found.length)}</p>
          <ul class="found" aria-label={texts.whatFound}>
            {found.map((phrase) => (
              <li key={phrase}>“{phrase}”</li>
            ))}
          </ul>
        </>
      )}
      {said.length > 0 && (
        <>
          <p class="marker said">{texts.said(said.length)}</p>
          <p class="hint">
            {texts.saidHint} {found.length === 0 && texts.noMore}
          </p>
        </>
      )}
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
          <span class="call">{method === 'EMBEDDED' ? t().privacy.embedded : `${method} ${path}`}</span>
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
