// This room owns what stands below the answers: timeline, tokens, and what was sent. It shows finished
// figures and asks for nothing.

import { useSignal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import { t } from '../texts/texts.ts'
import { PrivacyPanel } from './privacy-panel.tsx'
import { TimelinePanel } from './timeline-panel.tsx'
import { TokenTable } from './token-table.tsx'

const tabs = [
  { id: 'timeline', Panel: TimelinePanel },
  { id: 'privacy', Panel: PrivacyPanel },
  { id: 'tokens', Panel: TokenTable },
] as const

/** How the steered answer came about, in three views. */
export function DetailsTabs() {
  const open = useSignal<(typeof tabs)[number]['id']>('timeline')
  const list = useRef<HTMLDivElement>(null)
  const current = tabs.find(({ id }) => id === open.value) ?? tabs[0]
  const move = (step: number) => {
    const next = tabs[(tabs.indexOf(current) + step + tabs.length) % tabs.length] ?? current
    open.value = next.id
    list.current?.querySelector<HTMLElement>(`#tab-${next.id}`)?.focus()
  }
  return (
    <section class="card details" aria-label={t().details.label}>
      <div
        ref={list}
        class="tab-list"
        role="tablist"
        aria-label={t().details.views}
        onKeyDown={({ key }) => {
          if (key === 'ArrowRight') move(1)
          if (key === 'ArrowLeft') move(-1)
        }}
      >
        {tabs.map(({ id }) => (
          <button
            key={id}
            id={`tab-${id}`}
            type="button"
            role="tab"
            aria-selected={id === current.id}
            aria-controls={id === current.id ? `panel-${id}` : undefined}
            tabIndex={id === current.id ? 0 : -1}
            onClick={() => {
              open.value = id
            }}
          >
            {t().details[id]}
          </button>
        ))}
      </div>
      <div id={`panel-${current.id}`} role="tabpanel" aria-labelledby={`tab-${current.id}`} class="panel">
        <current.Panel />
      </div>
    </section>
  )
}
