import { signal } from '@preact/signals'
import { entryTask } from '../../../src/profiles/rendering/entry-task.ts'
import { failureText } from '../../api/gateway-fetch.ts'
import { readProfile, saveProfile } from '../../api/profile-client.ts'
import { addTexts, previewImport } from '../../api/texts-client.ts'
import { dismissNotice, notify } from '../../notices.tsx'
import { askAs } from '../../state/ask-as.ts'
import { pickProfile } from '../../state/first-questions.ts'
import { t } from '../../texts/texts.ts'
import { reopenProfile, restore } from '../editor-state.ts'
import {
  type Candidate,
  candidatesOf,
  type FactCandidate,
  factsOf,
  newOnes,
  type ReadFile,
} from './candidate.ts'
import { textsAndFacts } from './found-words.ts'
import { habitsOf } from './habits.ts'
import { textBatches } from './text-batches.ts'

export interface FileProblem {
  readonly file: string
  readonly message: string
}

/** What was found, and what of it is to be added. */
export interface Choice {
  readonly files: readonly ReadFile[]
  readonly texts: readonly Candidate[]
  readonly facts: readonly FactCandidate[]
  /** Lines on style that the texts show. */
  readonly habits: readonly string[]
  readonly chosenTexts: ReadonlySet<number>
  readonly chosenFacts: ReadonlySet<number>
  readonly chosenHabits: ReadonlySet<number>
  /** Task lines that were changed, by the text's position. */
  readonly tasks: ReadonlyMap<number, string>
}

export type ImportStage =
  | { readonly type: 'choosing-files' }
  | { readonly type: 'reading'; readonly done: number; readonly total: number; readonly file: string }
  | { readonly type: 'asking-sender'; readonly files: readonly File[]; readonly read: readonly ReadFile[] }
  | { readonly type: 'choosing-texts'; readonly choice: Choice; readonly adding: boolean }

/** Texts on their way from files into a profile. */
export interface ImportRun {
  readonly profile: { readonly id: string; readonly name: string }
  readonly stage: ImportStage
  /** Files, or parts of them, that could not be read; and why adding failed. */
  readonly problems: readonly FileProblem[]
}

export const importRun = signal<ImportRun | null>(null)
let reading = new AbortController()

export function openImport(profile: ImportRun['profile']): void {
  importRun.value = { profile, stage: { type: 'choosing-files' }, problems: [] }
}

/** Ends it. What was chosen is asked about first. */
export function closeImport(): void {
  const stage = importRun.value?.stage
  const hasChosen = stage?.type === 'choosing-texts' && stage.choice.texts.length > 0
  if (hasChosen && !confirm(t().import.leave)) return
  reading.abort()
  importRun.value = null
}

function change(changes: Partial<ImportRun>): void {
  if (importRun.value !== null) importRun.value = { ...importRun.value, ...changes }
}

export function startOver(): void {
  reading.abort()
  change({ stage: { type: 'choosing-files' }, problems: [] })
}

interface ReadingOptions {
  /** The user's own mail addresses. */
  readonly from?: readonly string[]
  /** Whether their names say nothing of what is in them. */
  readonly areUntitled?: boolean
}

/** Has the gateway read files, one after the other, and shows what it found. */
export async function readFiles(
  files: readonly File[],
  { from = [], areUntitled = false }: ReadingOptions = {},
): Promise<void> {
  const run = importRun.value
  if (run === null || files.length === 0) return
  const before = run.stage.type === 'asking-sender' ? run.stage.read : []
  const known = before.filter(({ preview }) => !preview.needsFrom)
  reading = new AbortController()
  const { signal: stopped } = reading
  const read: ReadFile[] = []
  const unsure: File[] = []
  const problems: FileProblem[] = before.length === 0 ? [] : [...run.problems]
  for (const [done, file] of files.entries()) {
    const name = file.webkitRelativePath || file.name
    change({ stage: { type: 'reading', done, total: files.length, file: name } })
    try {
      const preview = await previewImport(run.profile.id, file, { from, signal: stopped })
      read.push({ name, preview })
      if (preview.needsFrom) unsure.push(file)
      problems.push(...preview.problems.map(({ place, message }) => ({ file: `${name}, ${place}`, message })))
    } catch (error) {
      if (stopped.aborted) return
      problems.push({ file: name, message: failureText(error) })
    }
    if (stopped.aborted) return
  }
  const all = [...known, ...read]
  if (unsure.length > 0) change({ problems, stage: { type: 'asking-sender', files: unsure, read: all } })
  else if (all.length === 0) change({ problems, stage: { type: 'choosing-files' } })
  else
    change({
      problems,
      stage: { type: 'choosing-texts', choice: firstChoice(all, areUntitled), adding: false },
    })
}

function firstChoice(files: readonly ReadFile[], areUntitled: boolean): Choice {
  const texts = candidatesOf(files)
  const facts = factsOf(files)
  const habits = habitsOf(texts.map(({ text }) => text))
  return {
    files,
    texts,
    facts,
    habits,
    chosenTexts: newOnes(texts),
    chosenFacts: newOnes(facts),
    chosenHabits: new Set(habits.keys()),
    tasks: areUntitled ? new Map(texts.map(({ text }, index) => [index, entryTask({ text })])) : new Map(),
  }
}

export function changeChoice(changes: Partial<Choice>): void {
  const stage = importRun.value?.stage
  if (stage?.type !== 'choosing-texts') return
  change({ stage: { ...stage, choice: { ...stage.choice, ...changes } } })
}

/** Adds what is chosen. Where a part fails, the dialog stays with the reason: adding again adds the rest. */
export async function addChosen(): Promise<void> {
  const run = importRun.value
  if (run?.stage.type !== 'choosing-texts' || run.stage.adding) return
  const { choice } = run.stage
  const texts = choice.texts.flatMap(({ task, text, date }, index) => {
    if (!choice.chosenTexts.has(index)) return []
    const wanted = choice.tasks.get(index)?.trim() || task
    return [{ task: wanted, text, ...(date === null ? {} : { date }) }]
  })
  const facts = choice.facts.flatMap(({ text }, index) => (choice.chosenFacts.has(index) ? [text] : []))
  // What was said of the profile before, with what it offers, is no longer all
  dismissNotice()
  change({ stage: { ...run.stage, adding: true }, problems: [] })
  const habits = choice.habits.filter((_, index) => choice.chosenHabits.has(index))
  const { id, name } = run.profile
  const batches = texts.length === 0 ? [[]] : textBatches(texts)
  let added = 0
  let newFacts = 0
  let backup: string | null = null
  try {
    for (const [index, batch] of batches.entries()) {
      const sent = { texts: batch, ...(index === 0 && facts.length > 0 ? { facts } : {}) }
      // What is much like another was left to the reader, who has chosen.
      const result = await addTexts(id, { ...sent, similar: 'add' })
      added += result.added
      newFacts += result.facts
      backup = result.backup
    }
    if (habits.length > 0) await addHabits(id, habits)
  } catch (error) {
    change({
      stage: { ...run.stage, adding: false },
      problems: [{ file: name, message: failureText(error) }],
    })
    return
  }
  importRun.value = null
  await reopenProfile(id)
  pickProfile(id)
  const undo = { label: t().undo, run: () => void restore(id, backup ?? undefined) }
  const changes = [added, newFacts, habits.length].filter((count) => count > 0)
  const isOneStep = backup !== null && batches.length === 1 && changes.length === 1
  const asking = askAs(id, name)
  const words = t().import.added(textsAndFacts(added, newFacts), name)
  notify(words, { actions: isOneStep ? [asking, undo] : [asking] })
}

/** Puts lines on style into the profile, which it lacks. */
async function addHabits(id: string, habits: readonly string[]): Promise<void> {
  const { value: profile, etag } = await readProfile(id)
  const missing = habits.filter((habit) => !profile.writing_style.includes(habit))
  if (missing.length === 0) return
  const writing_style = [...profile.writing_style, ...missing]
  await saveProfile({ value: { ...profile, writing_style }, etag })
}
