import type { ToolCall } from '../../state/answer.ts'
import { t } from '../../texts/texts.ts'
import { prettyArguments } from './pretty-arguments.ts'

/** A call of a tool, with its arguments as they come. */
export function CallCard({ call }: { call: ToolCall }) {
  return (
    <figure class="call" aria-label={t().compare.callOf(call.name)}>
      <figcaption>
        <span class="call-kind">{t().compare.callsTool}</span> <code>{call.name}</code>
      </figcaption>
      <pre tabIndex={0}>{prettyArguments(call.arguments)}</pre>
    </figure>
  )
}
