import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { StoredTexts } from '../../src/proxy/profile-api/texts-wire.ts'
import { failureText } from '../api/gateway-fetch.ts'
import { listTexts, removeText } from '../api/texts-client.ts'
import { notify } from '../notices.tsx'
import { t } from '../texts/texts.ts'
import { reopenProfile, restore } from './editor-state.ts'

type StoredText = StoredTexts['data'][number]

/** Every text that the profile has, also those that an import has put beside its file. Loaded when opened. */
export function StoredTextList({ id, opening }: { id: string; opening: number }) {
  const isOpen = useSignal(false)
  const total = useSignal<number | null>(null)
  const texts = useSignal<readonly StoredText[]>([])
  const parts = useSignal<ReturnType<typeof listTexts> | null>(null)
  const more = async () => {
    const part = await parts.value?.next().catch((error: unknown) => {
      notify(failureText(error), { failed: true })
      return undefined
    })
    if (part === undefined || part.done === true) return
    total.value = part.value.total
    texts.value = [...texts.value, ...part.value.data]
  }
  useEffect(() => {
    if (!isOpen.value) return
    texts.value = []
    parts.value = listTexts(id)
    void more()
  }, [id, opening, isOpen.value])
  return (
    <details
      class="stored-texts"
      onToggle={({ currentTarget }) => {
        isOpen.value = currentTarget.open
      }}
    >
      <summary>{t().profiles.allTexts(total.value)}</summary>
      <ul>
        {texts.value.map((text) => (
          <li key={text.key}>
            <details class="entry">
              <summary>
                <span class="entry-title">{text.task}</span>
                <span class="hint">{text.date}</span>
              </summary>
              <p class="stored-text">{text.text}</p>
              <button type="button" class="link-button danger" onClick={() => void takeOut(id, text)}>
                {t().profiles.removeText}
              </button>
            </details>
          </li>
        ))}
      </ul>
      {texts.value.length < (total.value ?? 0) && (
        <button type="button" class="button small" onClick={() => void more()}>
          {t().profiles.showMore}
        </button>
      )}
    </details>
  )
}

async function takeOut(id: string, { key }: StoredText): Promise<void> {
  try {
    const { backup } = await removeText(id, key)
    await reopenProfile(id)
    const undo = { label: t().undo, run: () => void restore(id, backup ?? undefined) }
    notify(t().profiles.removed, backup === null ? {} : { actions: [undo] })
  } catch (error) {
    notify(failureText(error), { failed: true })
  }
}
