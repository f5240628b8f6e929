import { useSignal } from '@preact/signals'
import { apiKey, rememberApiKey } from './api/gateway-fetch.ts'
import { connect, connection } from './state/session.ts'
import { t } from './texts/texts.ts'

/** Asks for an API key where the gateway wants one. */
export function KeyForm() {
  const key = useSignal(apiKey.value)
  const { value } = connection
  return (
    <form
      class="card key-form"
      onSubmit={(event) => {
        event.preventDefault()
        rememberApiKey(key.value.trim())
        void connect()
      }}
    >
      <h1>{t().key.title}</h1>
      <p>{t().key.hint}</p>
      {value.state === 'key-needed' && apiKey.value !== '' && (
        <p class="failure" role="alert">
          {value.message}
        </p>
      )}
      <label for="api-key">{t().key.label}</label>
      <input
        id="api-key"
        type="password"
        autocomplete="off"
        value={key.value}
        onInput={({ currentTarget }) => {
          key.value = currentTarget.value
        }}
      />
      <button type="submit" class="button primary" disabled={key.value.trim() === ''}>
        {t().key.open}
      </button>
    </form>
  )
}
