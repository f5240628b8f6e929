import { MoonIcon, SunIcon } from './icons.tsx'
import { chosenModel, connection, isSignedIn, mayEditProfiles, view } from './state/session.ts'
import { signOut } from './state/sign-out.ts'
import { theme, toggleTheme } from './state/theme.ts'
import { t } from './texts/texts.ts'

export function Header() {
  const dark = theme() === 'dark'
  return (
    <header class="header">
      <p class="brand">
        <svg class="brand-mark" viewBox="0 0 32 32" aria-hidden="true">
          <path class="brand-plain" d="M4 21h24" />
          <path class="brand-steered" d="M4 21c8 0 9-11 17-11h7" />
        </svg>
        CoSteer
      </p>
      <nav aria-label={t().nav.label}>
        <NavButton name="compare" />
        {mayEditProfiles() && <NavButton name="profiles" />}
        {mayEditProfiles() && <NavButton name="models" />}
        {connection.value.state === 'ready' && <NavButton name="requests" />}
      </nav>
      <Models />
      {isSignedIn() && (
        <button type="button" class="link-button" onClick={signOut}>
          Sign out
        </button>
      )}
      <button
        type="button"
        class="icon-button"
        aria-label={dark ? 'Light colours' : 'Dark colours'}
        title={dark ? 'Light colours' : 'Dark colours'}
        onClick={toggleTheme}
      >
        {dark ? <SunIcon /> : <MoonIcon />}
      </button>
    </header>
  )
}

function NavButton({ name }: { name: typeof view.value }) {
  return (
    <button
      type="button"
      class="nav-button"
      aria-current={view.value === name ? 'page' : undefined}
      onClick={() => {
        view.value = name
      }}
    >
      {t().nav[name]}
    </button>
  )
}

function Models() {
  const { value } = connection
  if (value.state !== 'ready') return <span class="models" />
  const { localModel } = value.settings
  const model = chosenModel()
  const large = model?.upstream ?? model?.id
  if (model?.embedded === true) {
    return (
      <p class="models">{large === localModel ? large : `${large} and ${localModel}`}, on this machine</p>
    )
  }
  return (
    <p class="models">
      <span title="The large model, which sees the question and the answer">{large}</span>
      {localModel !== null && (
        <span title="The small model on this machine, which sees the profile as well">
          {' '}
          · {localModel} here
        </span>
      )}
    </p>
  )
}
