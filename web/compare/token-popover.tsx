import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import { isMoved } from '../../src/proxy/answers/trace/moved-token.ts'
import type { WireTokenTrace } from '../../src/proxy/answers/trace/trace-schema.ts'
import { steered } from '../state/comparison.ts'
import { decimal, t } from '../texts/texts.ts'
import { activeToken, releaseToken } from './active-token.ts'
import { reasonAt } from './reasons/current-reasons.ts'
import { ReasonLine } from './reasons/reason-line.tsx'
import { visibleText } from './visible-text.ts'

const MARGIN = 8
/** Candidates shown on each side. */
const SHOWN = 5

/** What the large model wanted at the active token, and what the profile made of it. */
export function TokenPopover() {
  const box = useRef<HTMLDivElement>(null)
  const active = activeToken.value
  const trace = active && steered.value.traces.find(({ position }) => position === active.position)
  const anchor = active?.anchor ?? null
  useLayoutEffect(() => {
    if (box.current !== null && anchor !== null) place(box.current, anchor)
  }, [anchor, trace])
  useEffect(() => {
    // The page may still scroll to the answers when somebody has chosen a token already.
    const follow = () => {
      const { value } = activeToken
      if (value?.pinned !== true) releaseToken()
      else if (box.current !== null && value.anchor !== null) place(box.current, value.anchor)
    }
    const options = { capture: true, passive: true }
    window.addEventListener('scroll', follow, options)
    return () => window.removeEventListener('scroll', follow, options)
  }, [])
  if (trace == null || anchor === null) return null
  const hasGuesses = steered.value.traces.some(({ draft }) => draft !== null)
  const reason = reasonAt(trace.position)
  return (
    <div ref={box} id="token-details" class="popover" role="tooltip">
      <p class="popover-title">
        <b>{visibleText(trace.token.text)}</b> {verdict(trace)}
      </p>
      {reason !== undefined && <ReasonLine reason={reason} />}
      <div class="popover-columns">
        <Candidates
          title={t().word.largeModel}
          rows={trace.upstream.map((row) => ({ ...row, delta: null }))}
          chosen={trace.token.id}
        />
        <Candidates title={t().word.withProfile} rows={trace.steered} chosen={trace.token.id} />
      </div>
      {hasGuesses && <p class="popover-foot">{draftWords(trace)}</p>}
    </div>
  )
}

interface Row {
  readonly id: number
  readonly text: string
  readonly logprob: number
  readonly delta: number | null
}

function Candidates({ title, rows, chosen }: { title: string; rows: readonly Row[]; chosen: number }) {
  return (
    <table>
      <caption>{title}</caption>
      <tbody>
        {rows.slice(0, SHOWN).map(({ id, text, logprob, delta }) => {
          const share = Math.exp(logprob)
          return (
            <tr key={id} class={id === chosen ? 'chosen' : ''}>
              <th scope="row">
                <span class="bar" style={{ '--share': share.toFixed(4) }} aria-hidden="true" />
                {visibleText(text)}
              </th>
              <td class="share">{percent(share)}</td>
              {delta !== null && <td class={`delta ${delta < 0 ? 'down' : 'up'}`}>{signed(delta)}</td>}
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}

function verdict(trace: WireTokenTrace): string {
  if (isMoved(trace)) return t().word.insteadOf(visibleText(trace.unsteered.text))
  const [wanted] = trace.upstream
  if (wanted === undefined || wanted.id === trace.token.id) return t().word.wantedToo
  return t().word.drawnToo
}

function draftWords({ draft, token }: WireTokenTrace): string {
  if (draft === null) return t().word.noGuess
  if (draft.id === token.id) return t().word.guessRight
  return t().word.guessWrong(visibleText(draft.text))
}

function percent(share: number): string {
  return share < 0.001 ? `< ${decimal(0.1, 1)} %` : `${decimal(share * 100, 1)} %`
}
function signed(delta: number): string {
  return `${delta < 0 ? '−' : '+'}${decimal(Math.abs(delta), 1)}`
}

/** Below the anchor, or above where there is no room; inside the window in any case. */
function place(box: HTMLElement, beside: Element): void {
  const anchor = beside.getBoundingClientRect()
  const { offsetWidth: width, offsetHeight: height } = box
  // Without the bars that scroll the page
  const { clientWidth, clientHeight } = document.documentElement
  const left = Math.min(Math.max(MARGIN, anchor.left), clientWidth - width - MARGIN)
  const below = anchor.bottom + MARGIN
  const fits = below + height + MARGIN <= clientHeight || anchor.top < height + MARGIN
  box.style.left = `${Math.max(MARGIN, left)}px`
  box.style.top = `${fits ? below : anchor.top - height - MARGIN}px`
}
