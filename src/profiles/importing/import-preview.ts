import { GatewayError } from '../../gateway-error.ts'
import { WorkSlices } from '../../work-slices.ts'
import type { Profile } from '../profile.ts'
import { KnownTexts, type Likeness } from '../texts/known-texts.ts'
import { newestFirst } from '../texts/newest-first.ts'
import { words } from '../texts/words.ts'
import type { Finding, FoundText, LeftOutReason } from './finding.ts'
import { type ImportFile, type ImportFormat, importFile } from './import-file.ts'

/** A text that could be imported, with whether the profile has it already. */
interface PreviewedText extends FoundText {
  /** In the profile, or before it in the list. */
  readonly like: Likeness | null
}

/** What could be imported from some files; nothing is changed yet. */
export interface ImportPreview {
  /** Null where nothing could be told. */
  readonly format: ImportFormat | null
  /** Newest first. */
  readonly texts: readonly PreviewedText[]
  readonly facts: readonly { readonly text: string; readonly like: 'same' | null }[]
  readonly counts: {
    /** Texts, messages and facts that the files hold, whatever becomes of them. */
    readonly read: number
    readonly new: number
    readonly same: number
    readonly similar: number
    readonly leftOut: readonly { readonly reason: LeftOutReason; readonly count: number }[]
  }
  /** Who wrote the mail in the files, most frequent first. */
  readonly senders: readonly { readonly address: string; readonly messages: number }[]
  /** There is mail, and nobody said which of the senders the user is. */
  readonly needsFrom: boolean
  readonly problems: readonly { readonly place: string; readonly message: string }[]
}

export interface PreviewOptions {
  /** The user's mail addresses. */
  readonly from: readonly string[]
  readonly signal?: AbortSignal | undefined
}

/** Fewer show no voice. */
const FEWEST_WORDS = 12
/** A longer text never fits a small model's window. */
const MOST_CHARS = 20_000
const MOST_TEXTS = 10_000
const MOST_FACTS = 1_000
const MOST_PROBLEMS = 100
const MOST_SENDERS = 20
/** Of what is held at once, answers that may still be rated included. */
const MOST_HELD_CHARS = 64 * 1024 * 1024

/**
 * Reads files and says what of them a profile lacks. Rejects with `invalid_request` when a file cannot be
 * read and there is nothing else.
 */
export async function previewImport(
  files: AsyncIterable<ImportFile> | Iterable<ImportFile>,
  profile: Profile,
  { from, signal }: PreviewOptions,
): Promise<ImportPreview> {
  const found = new Findings()
  const addresses = new Set(from.map((address) => address.trim().toLowerCase()))
  const slices = new WorkSlices()
  let failure: GatewayError | null = null
  for await (const file of files) {
    try {
      for await (const finding of importFile(file, { from: addresses, onFormat: (one) => found.name(one) })) {
        found.add(finding)
        if (!slices.isOver) continue
        await slices.pause()
        signal?.throwIfAborted()
      }
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error
      failure ??= error
      found.add({ type: 'problem', place: file.name, message: error.message })
    }
  }
  if (failure !== null && found.isEmpty) throw failure
  return found.preview(profile, addresses.size > 0)
}

class Findings {
  #format: ImportFormat | null = null
  #texts: FoundText[] = []
  #heldChars = 0
  #read = 0
  readonly #answers = new Map<string, FoundText>()
  readonly #rated = new Set<string>()
  readonly #facts = new Set<string>()
  readonly #leftOut = new Map<LeftOutReason, number>()
  readonly #senders = new Map<string, number>()
  readonly #problems: { readonly place: string; readonly message: string }[] = []

  /** Whether nothing that could be imported was read. */
  get isEmpty(): boolean {
    return this.#read === 0
  }

  name(format: ImportFormat): void {
    // A zip of one program's export is that export.
    if (this.#format === null || this.#format === 'zip') this.#format = format
  }

  add(finding: Finding): void {
    switch (finding.type) {
      case 'text':
        this.#read += 1
        this.#addText(finding.found)
        break
      case 'answer':
        this.#addAnswer(finding.id, finding.found)
        break
      case 'rating':
        this.#rated.add(finding.id)
        break
      case 'fact':
        this.#read += 1
        if (this.#facts.size < MOST_FACTS) this.#facts.add(finding.text)
        else this.#leaveOut('beyond-limit')
        break
      case 'left-out':
        this.#read += 1
        this.#leaveOut(finding.reason)
        break
      case 'sender':
        this.#senders.set(finding.address, (this.#senders.get(finding.address) ?? 0) + 1)
        break
      case 'problem':
        if (this.#problems.length < MOST_PROBLEMS) this.#problems.push(finding)
        break
      default:
        finding satisfies never
    }
  }

  async preview(profile: Profile, knowsSender: boolean): Promise<ImportPreview> {
    for (const id of this.#rated) {
      const kept = this.#answers.get(id)
      if (kept === undefined) continue
      this.#read += 1
      this.#addText({ ...kept, task: shortTask(kept.task) })
    }
    const newest = this.#texts.toSorted(newestFirst)
    for (const _ of newest.slice(MOST_TEXTS)) this.#leaveOut('beyond-limit')
    const shown = newest.slice(0, MOST_TEXTS)
    const known = await KnownTexts.of(profile.history.map(({ text }) => text))
    const likeness = await known.addAll(shown.map(({ text }) => text))
    const facts = [...this.#facts].map((text) => ({
      text,
      like: profile.facts.includes(text) ? ('same' as const) : null,
    }))
    const count = (wanted: Likeness | null) =>
      [...likeness, ...facts.map(({ like }) => like)].filter((like) => like === wanted).length
    const needsFrom = this.#senders.size > 0 && !knowsSender
    return {
      format: this.#format,
      texts: shown.map((text, index) => ({ ...text, like: likeness[index] ?? null })),
      facts,
      counts: {
        read: this.#read,
        new: count(null),
        same: count('same'),
        similar: count('similar'),
        leftOut: [...this.#leftOut].map(([reason, times]) => ({ reason, count: times })),
      },
      senders: [...this.#senders]
        .map(([address, messages]) => ({ address, messages }))
        .toSorted((a, b) => b.messages - a.messages)
        .slice(0, MOST_SENDERS),
      needsFrom,
      problems: this.#problems.map(({ place, message }) => ({ place, message })),
    }
  }

  #addText(found: FoundText): void {
    const text = found.text
      .replaceAll('\0', '')
      .replace(/\n{3,}/g, '\n\n')
      .trim()
    if (text.length > MOST_CHARS) this.#leaveOut('too-long')
    else if (hasFewWords(text)) this.#leaveOut('too-short')
    else if (this.#heldChars + text.length > MOST_HELD_CHARS) this.#leaveOut('beyond-limit')
    else {
      this.#heldChars += text.length
      this.#texts.push({ ...found, text })
    }
  }

  #addAnswer(id: string, found: FoundText): void {
    if (found.text.length > MOST_CHARS || this.#heldChars + found.text.length > MOST_HELD_CHARS) return
    this.#heldChars += found.text.length
    this.#answers.set(id, found)
  }

  #leaveOut(reason: LeftOutReason): void {
    this.#leftOut.set(reason, (this.#leftOut.get(reason) ?? 0) + 1)
  }
}

const LONGEST_TASK = 500

/** A question may hold a whole document. */
function shortTask(question: string): string {
  return question.length <= LONGEST_TASK ? question : `${question.slice(0, LONGEST_TASK).trimEnd()} …`
}

function hasFewWords(text: string): boolean {
  let count = 0
  for (const _ of words(text)) if (++count >= FEWEST_WORDS) return false
  return true
}
