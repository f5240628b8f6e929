import { useSignal } from '@preact/signals'
import { isMoved } from '../../src/proxy/answers/trace/moved-token.ts'
import type { WireTokenTrace } from '../../src/proxy/answers/trace/trace-schema.ts'
import { shiftTint } from '../compare/shift-tint.ts'
import { visibleText } from '../compare/visible-text.ts'
import { steered } from '../state/comparison.ts'

/** The steered answer's tokens with their numbers. */
export function TokenTable() {
  const changedOnly = useSignal(false)
  const { traces } = steered.value
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
        only tokens that the profile changed ({traces.filter(isMoved).length} of {traces.length})
      </label>
      <section class="table-scroller" tabIndex={0} aria-label="Tokens, scrollable">
        <table class="token-table">
          <thead>
            <tr>
              <th scope="col">#</th>
              <th scope="col">token</th>
              <th scope="col">without the profile</th>
              <th scope="col" class="number" title="nats">
                shift
              </th>
              <th scope="col" class="number">
                p before
              </th>
              <th scope="col" class="number">
                p after
              </th>
              <th scope="col">guess</th>
              <th scope="col" class="number">
                large model
              </th>
              <th scope="col" class="number">
                here
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
    return row === undefined ? '–' : `${(Math.exp(row.logprob) * 100).toFixed(1)} %`
  }
  const ms = (span: { startMs: number; endMs: number } | null) =>
    span === null ? '–' : `${(span.endMs - span.startMs).toFixed(1)} ms`
  const tint = shiftTint(isMoved(trace) ? shift : null)
  return (
    <tr>
      <td class="number">{position}</td>
      <td>
        <span class={tint > 0 ? 'token moved' : 'token'} style={{ '--tint': tint.toFixed(2) }}>
          {visibleText(token.text)}
        </span>
      </td>
      <td>{isMoved(trace) ? visibleText(unsteered.text) : 'the same'}</td>
      <td class="number">{shift.toFixed(2)}</td>
      <td class="number">{share(upstream)}</td>
      <td class="number">{share(after)}</td>
      <td>{draft === null ? '–' : draft.id === token.id ? 'right' : `not “${visibleText(draft.text)}”`}</td>
      <td class="number">{ms(upstreamQuery)}</td>
      <td class="number">{ms(local)}</td>
    </tr>
  )
}
