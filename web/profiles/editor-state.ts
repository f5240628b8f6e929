import { signal } from '@preact/signals'
import type { Profile } from '../../src/profiles/profile.ts'
import { failureText, RequestFailure } from '../api/gateway-fetch.ts'
import {
  createProfile,
  deleteProfile,
  readProfile,
  readProfileYaml,
  restoreProfile,
  saveProfile,
  saveProfileYaml,
} from '../api/profile-client.ts'
import { dismissNotice, notify } from '../notices.tsx'
import { askAs } from '../state/ask-as.ts'
import { picked } from '../state/controls.ts'
import { pickProfile } from '../state/first-questions.ts'
import { deletedProfiles, profiles, refreshProfiles } from '../state/session.ts'
import { t } from '../texts/texts.ts'

/** The profile that is being edited, in one of two forms. */
export interface Editor {
  /** Null for a profile that does not exist yet. */
  readonly id: string | null
  readonly etag: string
  /** Another one each time that it is read again: then its versions and texts may be others. */
  readonly opening: number
  /** Null while its file has problems: then only the text can be edited. */
  readonly profile: Profile | null
  readonly yaml: string
  readonly mode: 'form' | 'yaml' | 'preview'
  /** Which form holds changes that are not saved. */
  readonly unsaved: 'form' | 'yaml' | null
  /** What the gateway did not accept. */
  readonly problem: string | null
}

export const editor = signal<Editor | null>(null)

/** Counts what was asked to be opened, so that a slow reply does not replace what was asked for after it. */
let openings = 0

const emptyProfile: Profile = {
  id: '',
  name: '',
  private: [],
  facts: [],
  preferences: [],
  writing_style: [],
  about: '',
  history: [],
}

export function changeEditor(changes: Partial<Editor>): void {
  if (editor.value !== null) editor.value = { ...editor.value, ...changes }
}

/** Changes the profile in the form. */
export function editProfile(changes: Partial<Profile>): void {
  const profile = editor.value?.profile
  if (profile != null) changeEditor({ profile: { ...profile, ...changes }, unsaved: 'form', problem: null })
}

export async function openFirst(): Promise<void> {
  const id = editor.value?.id ?? picked.value ?? profiles.value[0]?.id
  if (editor.value === null && id !== undefined && id !== null) await openProfile(id)
}

/** Opens a profile as it is saved. Unsaved changes of another one are asked about first. */
export async function openProfile(id: string, mode: Editor['mode'] = 'form'): Promise<void> {
  if (!mayLeave()) return
  openings += 1
  const opening = openings
  await guarded(async () => {
    const { value: yaml, etag } = await readProfileYaml(id)
    const profile = await readProfile(id).then(
      ({ value }) => value,
      (error: unknown) => {
        if (error instanceof RequestFailure && error.code === 'profile_broken') return null
        throw error
      },
    )
    if (opening !== openings) return
    editor.value = {
      id,
      etag,
      opening,
      profile,
      yaml,
      mode: profile === null ? 'yaml' : mode,
      unsaved: null,
      problem: null,
    }
  })
}

/** Opens a profile again that was changed elsewhere in the page, unless the editor holds changes to it. */
export async function reopenProfile(id: string): Promise<void> {
  await guarded(refreshProfiles)
  const { value } = editor
  if (value?.id === id && value.unsaved === null) await openProfile(id, value.mode)
}

function mayLeave(): boolean {
  return editor.value?.unsaved == null || confirm(t().profiles.leave)
}

export function startNew(): void {
  if (!mayLeave()) return
  openings += 1
  editor.value = {
    id: null,
    etag: '*',
    opening: openings,
    profile: emptyProfile,
    yaml: '',
    mode: 'form',
    unsaved: null,
    problem: null,
  }
}

/** Saves what is unsaved. What the gateway refuses stays in the editor, with the reason. */
export async function save(): Promise<void> {
  const { value } = editor
  if (value === null || value.unsaved === null) return
  const { id, etag, profile, yaml, unsaved, mode } = value
  dismissNotice()
  try {
    if (unsaved === 'yaml' && id !== null) await saveProfileYaml(id, { value: yaml, etag })
    else if (profile !== null && id === null) await createProfile(tidied(profile))
    else if (profile !== null) await saveProfile({ value: tidied(profile), etag })
  } catch (error) {
    const conflict = error instanceof RequestFailure && error.code === 'profile_changed'
    const advice = t().profiles.conflict
    changeEditor({ problem: conflict ? error.message + advice : failureText(error) })
    return
  }
  const saved = id ?? profile?.id ?? ''
  changeEditor({ unsaved: null })
  if (id === null) pickProfile(saved)
  await guarded(async () => {
    await refreshProfiles()
    await openProfile(saved, mode)
    const undo = { label: t().undo, run: () => void restore(saved) }
    const name = profiles.value.find((one) => one.id === saved)?.name
    const asking = name === undefined ? [] : [askAs(saved, name)]
    notify(t().profiles.saved, { actions: id === null ? asking : [...asking, undo] })
  })
}

/** Saves, for work that needs the file; tells why where that fails. Null then, and where nothing is open. */
export async function savedProfile(): Promise<{ readonly id: string; readonly name: string } | null> {
  await save()
  const { value } = editor
  if (value === null) return null
  const { id, profile, unsaved, problem } = value
  if (id !== null && profile !== null && unsaved === null) return { id, name: profile.name }
  notify(problem ?? t().profiles.nameFirst, { failed: true })
  return null
}

export async function remove(id: string): Promise<void> {
  const name = profiles.value.find((profile) => profile.id === id)?.name ?? id
  await guarded(async () => {
    await deleteProfile(id)
    editor.value = null
    await refreshProfiles()
    notify(t().profiles.isDeleted(name), { actions: [{ label: t().undo, run: () => void restore(id) }] })
  })
}

/** Puts an earlier version in place and opens it. */
export async function restore(id: string, backup?: string): Promise<void> {
  if (!mayLeave()) return
  await guarded(async () => {
    const isDeleted = deletedProfiles.value.some((deleted) => deleted.id === id)
    await restoreProfile(id, backup)
    changeEditor({ unsaved: null })
    await refreshProfiles()
    await openProfile(id)
    const undo = { label: t().undo, run: () => void restore(id) }
    notify(t().profiles.isBack, isDeleted ? {} : { actions: [undo] })
  })
}

/** Without what the form leaves behind while one types: blank lines and blank past texts. */
function tidied(profile: Profile): Profile {
  const lines = (items: readonly string[]) => items.map((item) => item.trim()).filter((item) => item !== '')
  return {
    ...profile,
    name: profile.name.trim(),
    facts: lines(profile.facts),
    preferences: lines(profile.preferences),
    writing_style: lines(profile.writing_style),
    history: profile.history.filter(({ text }) => text.trim() !== ''),
  }
}

async function guarded(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    notify(failureText(error), { failed: true })
  }
}
