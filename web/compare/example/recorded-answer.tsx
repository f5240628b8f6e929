// This room owns the example that stands in for a newcomer's first answers until these begin.

import { t } from '../../texts/texts.ts'
import { shiftTint } from '../shift-tint.ts'
import { recordedExample } from './recorded-example.ts'

/** One side of an example that a larger pair of models made some day, and that says so. */
export function RecordedAnswer({ side }: { side: 'plain' | 'steered' }) {
  const { models, profile, question, plain, steered } = recordedExample
  return (
    <figure class="recorded">
      <figcaption class="hint">
        {t().compare.recorded(models, question)}
        {side === 'steered' && t().compare.recordedAs(profile)}
      </figcaption>
      <blockquote class="recorded-text">
        {side === 'plain'
          ? plain
          : steered.map((part, index) =>
              typeof part === 'string' ? (
                part
              ) : (
                <span key={index} class="moved" style={{ '--tint': shiftTint(part.shift).toFixed(2) }}>
                  {part.word}
                </span>
              ),
            )}
      </blockquote>
    </figure>
  )
}
