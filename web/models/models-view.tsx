import { useEffect } from 'preact/hooks'
import type { ModelChoicesObject } from '../../src/proxy/model-api/model-wire.ts'
import { t } from '../texts/texts.ts'
import { ChoiceForm } from './choice-form.tsx'
import { followModels, listing, problem } from './models-state.ts'
import { WorkCard } from './work-card.tsx'

/** Which models answer, and which others could. */
export function ModelsView() {
  useEffect(followModels, [])
  const { value } = listing
  const texts = t().models
  return (
    <section class="models-view" aria-labelledby="models-title">
      <header>
        <h1 id="models-title">{texts.title}</h1>
        <p class="hint">{texts.intro}</p>
      </header>
      {problem.value !== null && (
        <p class="failure" role="alert">
          {problem.value}
        </p>
      )}
      {value !== null && (
        <>
          <Now listing={value} />
          <WorkCard listing={value} />
          <ChoiceForm listing={value} />
        </>
      )}
    </section>
  )
}

function Now({ listing: { now } }: { listing: ModelChoicesObject }) {
  const texts = t().models
  return (
    <dl class="card models-now" aria-label={texts.now}>
      <div>
        <dt>{texts.large}</dt>
        <dd>
          {now.large.join(', ')}
          <span class="hint"> {now.embedded ? texts.onThisMachine : texts.atItsServer}</span>
        </dd>
      </div>
      <div>
        <dt>{texts.small}</dt>
        <dd>
          {now.small}
          <span class="hint"> {texts.onThisMachine}</span>
        </dd>
      </div>
    </dl>
  )
}
