const LONG_RUN = /\p{M}{32}/gu
const END_OF_RUN = /\P{M}/gu
// Marks of the first and the last combining class.
const FIRST = '\u0334'
const LAST = '\u0345'
/** Beyond it, no mark moves; one that Unicode adds there would only be ordered slowly. */
const LAST_LOOKED_AT = 0x1ffff
/** No mark at all, or one that stays where it is. */
const STARTER = 0

let ranks: ReadonlyMap<string, number> | null = null

/**
 * The text with long runs of combining marks in canonical order (Unicode Standard Annex 15), which none
 * of Unicode's normal forms can tell from the text. V8's `normalize` takes time in the square of a run's
 * length to order it.
 */
export function orderedMarks(text: string): string {
  const parts: string[] = []
  let done = 0
  for (const { 0: beginning, index } of text.matchAll(LONG_RUN)) {
    if (index < done) continue
    // A quantifier without bound overflows the pattern's stack on runs of millions.
    END_OF_RUN.lastIndex = index + beginning.length
    const end = END_OF_RUN.exec(text)?.index ?? text.length
    parts.push(text.slice(done, index), orderedRun(text.slice(index, end)))
    done = end
  }
  return parts.length === 0 ? text : parts.join('') + text.slice(done)
}

function orderedRun(run: string): string {
  ranks ??= markRanks()
  const ordered: string[] = []
  let moving: string[][] = []
  const settle = () => {
    for (const marks of moving) if (marks !== undefined) for (const mark of marks) ordered.push(mark)
    moving = []
  }
  for (const character of run) {
    for (const mark of character.normalize('NFD')) {
      const rank = ranks.get(mark) ?? STARTER
      if (rank === STARTER) {
        settle()
        ordered.push(mark)
      } else {
        moving[rank] ??= []
        moving[rank].push(mark)
      }
    }
  }
  settle()
  return ordered.join('')
}

/**
 * The marks that move, by the order in which they come to stand: told by what the normal form does to two
 * of them.
 */
function markRanks(): ReadonlyMap<string, number> {
  const marks: string[] = []
  for (let codePoint = 0x300; codePoint < LAST_LOOKED_AT; codePoint++) {
    const character = String.fromCodePoint(codePoint)
    if (!/^\p{M}$/u.test(character) || character.normalize('NFD') !== character) continue
    if (changePlaces(LAST, character) || changePlaces(character, FIRST)) marks.push(character)
  }
  marks.sort((a, b) => Number(changePlaces(a, b)) - Number(changePlaces(b, a)))
  const found = new Map<string, number>()
  let rank = STARTER + 1
  for (const [at, mark] of marks.entries()) {
    if (at > 0 && changePlaces(mark, marks[at - 1] as string)) rank++
    found.set(mark, rank)
  }
  return found
}

function changePlaces(a: string, b: string): boolean {
  return (a + b).normalize('NFD') !== a + b
}
