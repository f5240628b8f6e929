import { asked, steered } from '../state/comparison.ts'
import { decimal, t } from '../texts/texts.ts'
import { markedText } from './marked-text.ts'

/** Question and answer as they are read here, and as the large model read them. */
export function BothViews() {
  const { views, text } = steered.value
  if (views === null) return null
  const { aliases, leakBits, question, answer } = views
  const texts = t().privacy
  const values = aliases.map(({ value }) => value)
  const read = aliases.map(({ alias }) => alias)
  return (
    <>
      <p class="hint">
        {aliases.length === 0 ? texts.noValues : texts.values} {texts.bits(decimal(Math.max(0, leakBits), 0))}
      </p>
      {aliases.length > 0 && (
        <div class="views">
          <View
            title={texts.youRead}
            parts={[asked.value?.prompt ?? '', text]}
            marked={values}
            titles={read}
          />
          <View title={texts.itRead} parts={[question ?? '', answer]} marked={read} titles={values} />
        </div>
      )}
    </>
  )
}

interface ViewProps {
  readonly title: string
  readonly parts: readonly string[]
  readonly marked: readonly string[]
  /** What the other side reads for each of them. */
  readonly titles: readonly string[]
}

function View({ title, parts, marked, titles }: ViewProps) {
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      {parts.map((part) => (
        <p key={part}>
          {markedText(part, marked).map(({ text, is }, index) =>
            is === null ? (
              text
            ) : (
              <mark key={index} title={t().privacy.otherReads(titles[marked.indexOf(is)] ?? '')}>
                {text}
              </mark>
            ),
          )}
        </p>
      ))}
    </section>
  )
}
