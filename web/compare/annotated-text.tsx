import { useRef } from 'preact/hooks'
import type { TextPiece } from '../../src/proxy/answers/trace/align-tokens.ts'
import type { AnswerStretch } from '../../src/proxy/answers/trace/answer-words.ts'
import type { WireTokenTrace } from '../../src/proxy/answers/trace/trace-schema.ts'
import { isRunning } from '../state/answer.ts'
import { steered, words } from '../state/comparison.ts'
import { t } from '../texts/texts.ts'
import { activeToken, hoverToken, pinToken, releaseToken } from './active-token.ts'
import { shiftTint } from './shift-tint.ts'

/**
 * The steered answer. A word that would be another one without the profile is tinted, by how far the profile
 * moved it. Pointing at a token, tapping it, or going there with the arrow keys shows its details.
 */
export function AnnotatedText() {
  const box = useRef<HTMLDivElement>(null)
  if (words.value.length === 0) return null
  const tokenAt = (position: number) => box.current?.querySelector(`[data-position="${position}"]`) ?? null
  return (
    <div
      ref={box}
      class="answer-text annotated"
      tabIndex={0}
      role="group"
      aria-label={t().compare.annotated}
      aria-describedby={activeToken.value === null ? undefined : 'token-details'}
      onPointerOver={({ target, pointerType }) => {
        const position = positionOf(target)
        if (pointerType === 'mouse')
          hoverToken(position === null ? null : { position, anchor: tokenAt(position) })
      }}
      onPointerLeave={() => hoverToken(null)}
      onClick={({ target }) => {
        const position = positionOf(target)
        if (position === null) releaseToken()
        else pinToken({ position, anchor: tokenAt(position) })
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') releaseToken()
        const position = nextPosition(event.key)
        if (position === null) return
        event.preventDefault()
        releaseToken()
        pinToken({ position, anchor: tokenAt(position) })
      }}
      onBlur={releaseToken}
    >
      {words.value.map((stretch, index) => (
        <Stretch key={index} stretch={stretch} />
      ))}
      {isRunning(steered.value) && <span class="caret" aria-hidden="true" />}
    </div>
  )
}

function Stretch({ stretch: { pieces, shift } }: { stretch: AnswerStretch }) {
  const tokens = pieces.map((piece, index) => <Token key={index} piece={piece} />)
  if (shift === null) return <>{tokens}</>
  return (
    <span class="moved" style={{ '--tint': shiftTint(shift).toFixed(2) }}>
      {tokens}
    </span>
  )
}

function Token({ piece: { text, trace } }: { piece: TextPiece }) {
  if (trace === null) return <span>{text}</span>
  // A token begins with the space before its word.
  if (text.trim() === '') return <>{text}</>
  const space = text.match(/^\s*/)?.[0] ?? ''
  const isActive = activeToken.value?.position === trace.position
  return (
    <>
      {space}
      <span class={isActive ? 'token active' : 'token'} data-position={trace.position}>
        {text.slice(space.length)}
      </span>
    </>
  )
}

function positionOf(target: EventTarget | null): number | null {
  const position = target instanceof HTMLElement ? target.dataset.position : undefined
  return position === undefined ? null : Number(position)
}

/** Where a key leads from the active token: Up and Down go to the words that the profile changed. */
function nextPosition(key: string): number | null {
  const tracesOf = ({ pieces }: AnswerStretch) => pieces.flatMap(({ trace }) => trace ?? [])
  const known = words.value.flatMap(tracesOf)
  const changed = words.value
    .filter(({ shift }) => shift !== null)
    .flatMap((word) => changedToken(tracesOf(word)))
  const now = activeToken.value?.position ?? -1
  const after = (list: typeof known) => (list.find(({ position }) => position > now) ?? list.at(-1))?.position
  const before = (list: typeof known) =>
    (list.findLast(({ position }) => position < now) ?? list[0])?.position
  switch (key) {
    case 'ArrowRight':
      return after(known) ?? null
    case 'ArrowLeft':
      return before(known) ?? null
    case 'ArrowDown':
      return after(changed) ?? null
    case 'ArrowUp':
      return before(changed) ?? null
    case 'Home':
      return known[0]?.position ?? null
    case 'End':
      return known.at(-1)?.position ?? null
    case 'Enter':
    case ' ':
      return changed[0]?.position ?? null
    default:
      return null
  }
}

/** The token of a changed word that says most about it. */
function changedToken(traces: readonly WireTokenTrace[]): readonly WireTokenTrace[] {
  return traces.toSorted((a, b) => b.shift - a.shift).slice(0, 1)
}
