import { useSignal, useSignalEffect } from '@preact/signals'
import type { ProfilePreview } from '../../src/proxy/profile-api/profile-wire.ts'
import { failureText } from '../api/gateway-fetch.ts'
import { previewProfile } from '../api/profile-client.ts'
import { LockIcon } from '../icons.tsx'
import { prompt } from '../state/controls.ts'
import { t } from '../texts/texts.ts'

/** Typing pauses this long before the preview follows. */
const FOLLOW_AFTER_MS = 250

/** The private messages that the local model gets before a question. */
export function PreviewPane({ id }: { id: string }) {
  const query = useSignal(prompt.value)
  const preview = useSignal<ProfilePreview | null>(null)
  const problem = useSignal<string | null>(null)
  useSignalEffect(() => {
    const asked = query.value
    let current = true
    const timer = setTimeout(() => {
      previewProfile(id, asked).then(
        (value) => {
          if (!current) return
          preview.value = value
          problem.value = null
        },
        (error: unknown) => {
          if (current) problem.value = failureText(error)
        },
      )
    }, FOLLOW_AFTER_MS)
    return () => {
      current = false
      clearTimeout(timer)
    }
  })
  return (
    <div class="preview">
      <label class="field">
        <span>{t().profiles.forQuestion}</span>
        <textarea
          rows={2}
          value={query.value}
          onInput={({ currentTarget }) => {
            query.value = currentTarget.value
          }}
        />
      </label>
      <p class="hint">
        <LockIcon /> {t().profiles.onlySmall} {facts(preview.value)}
      </p>
      {problem.value !== null && (
        <p class="failure" role="alert">
          {problem.value}
        </p>
      )}
      <ol class="private-prompt" tabIndex={0}>
        {preview.value?.messages.map(({ role, text }, at) => (
          <li key={at}>
            <h4>{role}</h4>
            <p>{text}</p>
          </li>
        ))}
      </ol>
    </div>
  )
}

function facts(preview: ProfilePreview | null): string {
  if (preview === null) return ''
  const { tokens, historyEntries, leftOut } = preview
  const left = leftOut.history + leftOut.aboutParagraphs + leftOut.preferences + leftOut.styleItems
  const parts = [
    tokens === null ? null : t().profiles.tokens(tokens),
    t().profiles.pastTexts(historyEntries),
    left === 0 ? null : t().profiles.leftOut(left),
  ]
  return `${parts.filter((part) => part !== null).join(', ')}.`
}
