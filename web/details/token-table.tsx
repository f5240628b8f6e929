import { useSignal } from '@preact/signals'
import { isMoved } from '../../src/proxy/answers/trace/moved-token.ts'
import type { WireTokenTrace } from '../../src/proxy/answers/trace/trace-schema.ts'
import { shiftTint } from '../compare/shift-tint.ts'
import { visibleText } from '../compare/visible-text.ts'
import { steered } from '../state/comparison.ts'
import { decimal, t } from '../texts/texts.ts'

/** The steered answer's tokens with their numbers. */
export function TokenTable() {
  const changedOnly = useSignal(false)
  const { traces } = steered.value
  const texts = t().details.table
  const rows = changedOnly.value ? traces.filter(isMoved) : traces
  return (
    <>
      <label class="check">
        <input
          type="checkbox"
          checked={changedOnly.value}
          onChange={({ currentTarget }) => {
            changedOnly.value = currentTarget.checked
          }}
        />
        {texts.only(traces.filter(isMoved).length, traces.length)}
      </label>
      <section class="table-scroller" tabIndex={0} aria-label={texts.scrollable}>
        <table class="token-table">
          <thead>
            <tr>
              <th scope="col">#</th>
              <th scope="col">{texts.token}</th>
              <th scope="col">{texts.without}</th>
              <th scope="col" class="number" title={texts.nats}>
                {texts.shift}
              </th>
              <th scope="col" class="number">
                {texts.before}
              </th>
              <th scope="col" class="number">
                {texts.after}
              </th>
              <th scope="col">{texts.guess}</th>
              <th scope="col" class="number">
                {texts.large}
              </th>
              <th scope="col" class="number">
                {texts.here}
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((trace) => (
              <TokenRow key={trace.position} trace={trace} />
            ))}
          </tbody>
        </table>
      </section>
    </>
  )
}

function TokenRow({ trace }: { trace: WireTokenTrace }) {
  const { position, token, upstream, steered: after, unsteered, shift, draft, local, upstreamQuery } = trace
  const share = (rows: readonly { id: number; logprob: number }[]) => {
    const row = rows.find(({ id }) => id === token.id)
    return row === undefined ? '–' : `${decimal(Math.exp(row.logprob) * 100, 1)} %`
  }
  const ms = (span: { startMs: number; endMs: number } | null) =>
    span === null ? '–' : `${decimal(span.endMs - span.startMs, 1)} ms`
  const tint = shiftTint(isMoved(trace) ? shift : null)
  return (
    <tr>
      <td class="number">{position}</td>
      <td>
        <span class={tint > 0 ? 'token moved' : 'token'} style={{ '--tint': tint.toFixed(2) }}>
          {visibleText(token.text)}
        </span>
      </td>
      <td>{isMoved(trace) ? visibleText(unsteered.text) : t().details.table.same}</td>
      <td class="number">{decimal(shift, 2)}</td>
      <td class="number">{share(upstream)}</td>
      <td class="number">{share(after)}</td>
      <td>
        {draft === null
          ? '–'
          : draft.id === token.id
            ? t().details.table.right
            : t().details.table.not(visibleText(draft.text))}
      </td>
      <td class="number">{ms(upstreamQuery)}</td>
      <td class="number">{ms(local)}</td>
    </tr>
  )
}
