import { signal } from '@preact/signals'
import { failureText } from '../../api/gateway-fetch.ts'
import { addTexts, dayOf } from '../../api/texts-client.ts'
import { notify } from '../../notices.tsx'
import { reopenProfile, restore } from '../../profiles/editor-state.ts'
import type { Answer } from '../../state/answer.ts'
import { asked } from '../../state/comparison.ts'
import { picked } from '../../state/controls.ts'
import { profiles } from '../../state/session.ts'
import { t } from '../../texts/texts.ts'

/** An answer on its way into a profile, as its reader edits it. */
export interface KeptAnswer {
  /** Whose text it becomes. */
  readonly profile: string
  readonly task: string
  readonly text: string
  /** Whether anything was typed. */
  readonly edited: boolean
  readonly saving: boolean
  readonly problem: string | null
}

export const keptAnswer = signal<KeptAnswer | null>(null)

/** What its reader changes of it. */
export function editKept(changes: Partial<Pick<KeptAnswer, 'profile' | 'task' | 'text'>>): void {
  change({ ...changes, edited: true })
}

function change(changes: Partial<KeptAnswer>): void {
  if (keptAnswer.value !== null) keptAnswer.value = { ...keptAnswer.value, ...changes }
}

export function startKeeping(answer: Answer): void {
  const profile = picked.value ?? profiles.value[0]?.id
  if (profile === undefined) return
  const draft = { profile, task: asked.value?.prompt ?? '', text: answer.text.trim() }
  keptAnswer.value = { ...draft, edited: false, saving: false, problem: null }
}

/** Leaves it. Edits are asked about first. */
export function stopKeeping(): void {
  if (keptAnswer.value?.edited === true && !confirm(t().keeping.leave)) return
  keptAnswer.value = null
}

/** Puts the text among the profile's; the dialog stays with the reason where the gateway refuses it. */
export async function keep(): Promise<void> {
  const kept = keptAnswer.value
  if (kept === null || kept.saving) return
  const { profile, task, text } = kept
  change({ saving: true, problem: null })
  try {
    const entry = { task: task.trim(), text: text.trim(), date: dayOf(new Date()) }
    const { added, backup } = await addTexts(profile, { texts: [entry], similar: 'add' })
    keptAnswer.value = null
    await reopenProfile(profile)
    const name = profiles.value.find(({ id }) => id === profile)?.name ?? profile
    if (added === 0) notify(t().keeping.known(name))
    else {
      const undo = { label: t().undo, run: () => void restore(profile, backup ?? undefined) }
      notify(t().keeping.kept(name), backup === null ? {} : { actions: [undo] })
    }
  } catch (error) {
    change({ saving: false, problem: failureText(error) })
  }
}
