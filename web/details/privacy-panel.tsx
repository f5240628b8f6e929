import { useComputed, useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { WireUpstreamRequest } from '../../src/proxy/answers/trace/trace-schema.ts'
import { CheckIcon } from '../icons.tsx'
import { answeredAs, answeredTexts, asked, rememberTexts, running, steered } from '../state/comparison.ts'
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
        <p>
          This is everything that the large model got for the steered answer: {requests.length} requests,{' '}
          {(bytes / 1024).toFixed(0)} KB. The profile stays here.
        </p>
      </div>
      <BothViews />
      <label class="search">
        <span class="visually-hidden">Search what was sent</span>
        <input
          type="search"
          placeholder="Search what was sent, for a word of the profile say"
          value={search.value}
          onInput={({ currentTarget }) => {
            search.value = currentTarget.value
          }}
        />
        <span role="status">{wanted === '' ? '' : `in ${matching.length} of ${requests.length}`}</span>
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
  if (running.value) return <p class="marker pending">looking when the answer is complete …</p>
  if (counted.value === null && answeredAs.value !== null && answeredTexts.value === null) {
    return <p class="marker pending">reading all texts of the profile …</p>
  }
  if (counted.value === null) return <p class="marker pending">the profile is not open to this page</p>
  const { found, said } = counted.value
  return (
    <div>
      <p class={`marker ${found.length === 0 ? 'good' : 'bad'}`}>
        {found.length === 0 && <CheckIcon />}
        profile text found: {found.length}
      </p>
      {found.length > 0 && (
        <ul class="found" aria-label="What was found">
          {found.map((phrase) => (
            <li key={phrase}>“{phrase}”</li>
          ))}
        </ul>
      )}
      {said.length > 0 && (
        <p class="hint">
          The answer itself repeats {said.length} phrase{said.length === 1 ? '' : 's'} of the profile, as you
          can read above.
        </p>
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
          <span class="at">{(atMs / 1000).toFixed(2).replace('-', '−')} s</span>
          <span class="call">
            {method} {path}
          </span>
          <span class="excerpt">{ending(sentText(request))}</span>
          <span class="size">
            {body.length < 1000 ? `${body.length} B` : `${(body.length / 1024).toFixed(1)} KB`}
          </span>
        </summary>
        {open.value && (
          <>
            <pre>{body}</pre>
            {text !== undefined && (
              <>
                <p class="hint">The token ids read:</p>
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
