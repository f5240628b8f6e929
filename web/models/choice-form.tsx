import type { ComponentChildren } from 'preact'
import type {
  ListedModelObject,
  ModelChoiceObject,
  ModelChoicesObject,
} from '../../src/proxy/model-api/model-wire.ts'
import { byteSize, decimal, t } from '../texts/texts.ts'
import { isSameChoice, mayFit, needsOf, originOf, smallOnes, withLarge } from './choice.ts'
import { draft, isAtWork, serve } from './models-state.ts'

/** Picks a large and a small model, and has them answer. */
export function ChoiceForm({ listing }: { listing: ModelChoicesObject }) {
  const texts = t().models
  const choice = draft.value ?? listing.now.choice
  const paired = new Set(listing.pairs.map(({ large }) => large))
  const first = listing.models.filter(
    ({ name, source }) => paired.has(name) || source !== null || name === choice.large,
  )
  const others = listing.models.filter((model) => model.fitting.length > 0 && !first.includes(model))
  const row = (model: ListedModelObject) => (
    <ModelRow
      key={model.name}
      group="large"
      model={model}
      badge={paired.has(model.name) ? texts.measured : null}
      remark={null}
      isChosen={choice.large === model.name}
      onChoose={() => {
        draft.value = withLarge(listing, model.name)
      }}
    />
  )
  return (
    <form
      class="card models-form"
      onSubmit={(event) => {
        event.preventDefault()
        void serve(choice)
      }}
    >
      <fieldset>
        <legend>{texts.large}</legend>
        <ConfiguredRow
          group="large"
          name={listing.configured.large.join(', ')}
          where={listing.configured.embedded ? texts.onThisMachine : texts.atItsServer}
          isChosen={choice.large === null}
          onChoose={() => {
            draft.value = withLarge(listing, null)
          }}
        />
        {first.map(row)}
        {others.length > 0 && (
          <details>
            <summary>{texts.moreModels(others.length)}</summary>
            {others.map(row)}
          </details>
        )}
      </fieldset>
      <SmallModels listing={listing} choice={choice} />
      <Submit listing={listing} choice={choice} />
    </form>
  )
}

interface ChoiceProps {
  readonly listing: ModelChoicesObject
  readonly choice: ModelChoiceObject
}

/** Those that fit the large one, of which the configured one is the first where that is configured, too. */
function SmallModels({ listing, choice }: ChoiceProps) {
  const texts = t().models
  const { configured } = listing
  const fitting = smallOnes(listing, choice.large).filter(
    ({ name }) => choice.large !== null || name !== configured.small,
  )
  const pick = (small: string | null) => {
    draft.value = { ...choice, small }
  }
  return (
    <fieldset>
      <legend>{texts.small}</legend>
      <p class="hint">{texts.fitting}</p>
      {choice.large === null && (
        <ConfiguredRow
          group="small"
          name={configured.small}
          where={texts.onThisMachine}
          isChosen={choice.small === null}
          onChoose={() => pick(null)}
        />
      )}
      {fitting.map((model, at) => (
        <ModelRow
          key={model.name}
          group="small"
          model={model}
          badge={choice.large !== null && at === 0 ? texts.suggested : null}
          remark={mayFit(listing, choice.large, model) ? texts.mayFit : null}
          isChosen={choice.small === model.name}
          onChoose={() => pick(model.name)}
        />
      ))}
      {choice.large === null && fitting.length === 0 && <p class="hint">{texts.noneFits}</p>}
    </fieldset>
  )
}

interface RowProps {
  readonly group: 'large' | 'small'
  readonly isChosen: boolean
  readonly onChoose: () => void
}

function ConfiguredRow(props: RowProps & { readonly name: string; readonly where: string }) {
  return (
    <Row {...props} value="">
      <span class="model-title">
        {props.name} <span class="badge plain">{t().models.configured}</span>
      </span>
      <span class="hint">{props.where}</span>
    </Row>
  )
}

interface ModelRowProps extends RowProps {
  readonly model: ListedModelObject
  readonly badge: string | null
  readonly remark: string | null
}

function ModelRow(props: ModelRowProps) {
  const texts = t().models
  const { title, parameters, fileBytes, memoryBytes, isHere, licence, name, source } = props.model
  const origin = source === null ? null : originOf(source)
  const millions = Math.round(parameters / 1e6)
  const weights =
    millions < 1000
      ? texts.millions(decimal(millions, 0))
      : texts.thousandMillions(decimal(parameters / 1e9, 1))
  return (
    <Row {...props} value={name}>
      <span class="model-title">
        {title} {source !== null && <span class="badge plain">{texts.own}</span>}{' '}
        {props.badge !== null && <span class="badge steered">{props.badge}</span>}
      </span>
      <span class="hint">
        {[
          texts.weights(weights),
          isHere ? texts.here(byteSize(fileBytes)) : texts.toFetch(byteSize(fileBytes)),
          texts.ofMemory(byteSize(memoryBytes)),
          licence,
          origin === null ? null : texts[origin.from](origin.what),
          props.remark,
        ]
          .filter((part) => part !== null)
          .join(' · ')}
      </span>
    </Row>
  )
}

function Row({
  group,
  value,
  isChosen,
  onChoose,
  children,
}: RowProps & { readonly value: string; readonly children: ComponentChildren }) {
  return (
    <label class="model-row">
      <input type="radio" name={group} value={value} checked={isChosen} onChange={onChoose} />
      <span class="model-words">{children}</span>
    </label>
  )
}

function Submit({ listing, choice }: ChoiceProps) {
  const texts = t().models
  const { downloadBytes, memoryBytes, fits } = needsOf(listing, choice)
  const isNow = isSameChoice(choice, listing.now.choice)
  return (
    <div class="models-submit">
      <p class={fits ? 'hint' : 'field-problem'} role="status">
        {isNow
          ? texts.alreadyNow
          : [
              memoryBytes === null
                ? null
                : texts.needs(byteSize(memoryBytes), byteSize(listing.availableBytes)),
              fits ? null : texts.tooLarge,
            ]
              .filter((part) => part !== null)
              .join(' ')}
      </p>
      {!isNow && (
        <button type="submit" class="button primary" disabled={!fits || isAtWork(listing)}>
          {downloadBytes > 0 ? texts.fetchAndSwitch(byteSize(downloadBytes)) : texts.switch}
        </button>
      )}
    </div>
  )
}
