import { asked, steered } from '../state/comparison.ts'
import { markedText } from './marked-text.ts'

/** Question and answer as they are read here, and as the large model read them. */
export function BothViews() {
  const { views, text } = steered.value
  if (views === null) return null
  const { aliases, leakBits, question, answer } = views
  const values = aliases.map(({ value }) => value)
  const read = aliases.map(({ alias }) => alias)
  return (
    <>
      <p class="hint">
        {aliases.length === 0
          ? 'No private value of the profile stands in question or answer: both sides read the same.'
          : 'The large model read another name, place or number for each private value.'}{' '}
        Which words were chosen tells it {Math.max(0, leakBits).toFixed(0)} bits about the profile.
      </p>
      {aliases.length > 0 && (
        <div class="views">
          <View title="You read" parts={[asked.value?.prompt ?? '', text]} marked={values} titles={read} />
          <View title="The large model read" parts={[question ?? '', answer]} marked={read} titles={values} />
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
              <mark key={index} title={`The other side reads “${titles[marked.indexOf(is)]}”.`}>
                {text}
              </mark>
            ),
          )}
        </p>
      ))}
    </section>
  )
}
