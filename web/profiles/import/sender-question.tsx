import { useSignal } from '@preact/signals'
import { t } from '../../texts/texts.ts'
import type { ReadFile } from './candidate.ts'
import { readFiles } from './import-run.ts'
import { toggled } from './toggled.ts'

/** Which of the people who wrote the mail the user is. */
export function SenderQuestion({
  files,
  read,
}: {
  readonly files: readonly File[]
  readonly read: readonly ReadFile[]
}) {
  const chosen = useSignal<ReadonlySet<string>>(new Set())
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void readFiles(files, { from: [...chosen.value] })
      }}
    >
      <fieldset class="senders">
        <legend>{t().import.whoAreYou}</legend>
        {sendersOf(read).map(([address, messages]) => (
          <label class="check" key={address}>
            <input
              type="checkbox"
              checked={chosen.value.has(address)}
              onChange={({ currentTarget }) => {
                chosen.value = toggled(chosen.value, address, currentTarget.checked)
              }}
            />
            <span>{address}</span>
            <span class="hint">{t().import.messages(messages)}</span>
          </label>
        ))}
      </fieldset>
      <div class="modal-foot">
        <button type="submit" class="button primary" disabled={chosen.value.size === 0}>
          {t().import.continue}
        </button>
      </div>
    </form>
  )
}

/** Most frequent first. */
function sendersOf(read: readonly ReadFile[]): readonly (readonly [string, number])[] {
  const senders = new Map<string, number>()
  for (const { address, messages } of read.flatMap(({ preview }) => preview.senders)) {
    senders.set(address, (senders.get(address) ?? 0) + messages)
  }
  return [...senders].toSorted(([, a], [, b]) => b - a)
}
