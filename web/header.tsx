import { MoonIcon, SunIcon } from './icons.tsx'
import { chosenModel, connection, isSignedIn, mayEditProfiles, view } from './state/session.ts'
import { signOut } from './state/sign-out.ts'
import { theme, toggleTheme } from './state/theme.ts'
import { LanguagePicker } from './texts/language-picker.tsx'
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
      <LanguagePicker />
      {isSignedIn() && (
        <button type="button" class="link-button" onClick={signOut}>
          {t().header.signOut}
        </button>
      )}
      <button
        type="button"
        class="icon-button"
        aria-label={dark ? t().header.light : t().header.dark}
        title={dark ? t().header.light : t().header.dark}
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
  const texts = t().header
  const { localModel } = value.settings
  const model = chosenModel()
  const large = model?.upstream ?? model?.id
  if (model?.embedded === true) {
    const both = large === localModel ? large : texts.both(large ?? '', localModel ?? '')
    return <p class="models">{texts.onThisMachine(both ?? '')}</p>
  }
  return (
    <p class="models">
      <span title={texts.large}>{large}</span>
      {localModel !== null && <span title={texts.small}> · {texts.here(localModel)}</span>}
    </p>
  )
}
