import type { LibraryPreTokenizer } from './library-tokenizer.ts'
import { withUnicodeDigits } from './unicode-digits.ts'

/** Cuts text into the pieces across whose borders nothing merges. */
export interface PieceSplitter {
  /** Whether pieces are merged byte by byte; otherwise character by character. */
  readonly bytewise: boolean
  /** `section` counts the stretches between added tokens: some models mark the first one. */
  pieces(text: string, section: number): Iterable<string>
}

/** One entry of `tokenizer.json` under `pre_tokenizer`. */
type PartConfig = Readonly<Record<string, unknown>>

type Stage = (text: string, section: number) => Iterable<string>

/**
 * What `tokenizer.json` says under `pre_tokenizer`, done by the library's parts, piece after piece. Where
 * the last of them writes bytes as characters, the pieces are those before that.
 */
export function pieceSplitter(
  config: object | null,
  libraryPart: (config: PartConfig) => LibraryPreTokenizer | null,
): PieceSplitter {
  const parts = flattened(withUnicodeDigits(config) as PartConfig | null)
  const writesBytes = parts.map(({ type }) => type === 'ByteLevel')
  const bytewise = writesBytes.indexOf(true) === parts.length - 1 && parts.length > 0
  const stages = parts.map((part, at) => {
    const library = libraryPart(part)
    return bytewise && at === parts.length - 1 ? beforeBytes(part, library) : stage(part, library)
  })
  return { bytewise, pieces: (text, section) => inTurn(stages, text, section) }
}

function flattened(part: PartConfig | null): readonly PartConfig[] {
  if (part === null) return []
  return Array.isArray(part.pretokenizers) ? part.pretokenizers.flatMap(flattened) : [part]
}

function inTurn([first, ...rest]: readonly Stage[], text: string, section: number): Iterable<string> {
  if (first === undefined) return [text]
  const pieces = first(text, section)
  return rest.length === 0 ? pieces : splitAgain(pieces, rest, section)
}

function* splitAgain(pieces: Iterable<string>, stages: readonly Stage[], section: number): Iterable<string> {
  for (const piece of pieces) yield* inTurn(stages, piece, section)
}

function stage({ type, invert, behavior }: PartConfig, library: LibraryPreTokenizer | null): Stage {
  const pattern = library?.pattern
  const keepsMatches = invert !== true && String(behavior).toLowerCase() !== 'removed'
  if (type === 'Split' && keepsMatches && pattern) return (text) => matchesAndRest(text, pattern)
  return (text, section) => library?.pre_tokenize_text(text, { section_index: section }) ?? [text]
}

/** What the library's byte level cuts before it writes bytes. */
function beforeBytes(
  { add_prefix_space, use_regex }: PartConfig,
  library: LibraryPreTokenizer | null,
): Stage {
  const pattern = library?.pattern
  return (text) => {
    const begun = add_prefix_space === true && !text.startsWith(' ') ? ` ${text}` : text
    return pattern && use_regex !== false ? matchesAndRest(begun, pattern) : [begun]
  }
}

/** The matches of a global pattern, and what lies between them. */
function* matchesAndRest(text: string, pattern: RegExp): Iterable<string> {
  let end = 0
  let from = 0
  while (from <= text.length) {
    pattern.lastIndex = from
    const found = pattern.exec(text)
    if (found === null) break
    const [match] = found
    if (end < found.index) yield text.slice(end, found.index)
    if (match !== '') yield match
    end = found.index + match.length
    from = match === '' ? end + widthAt(text, end) : end
  }
  if (end < text.length) yield text.slice(end)
}

/** UTF-16 units of the character there. */
function widthAt(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1
}
