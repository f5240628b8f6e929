import { chooseLanguage } from './language.ts'
import { type Language, language, languages, t } from './texts.ts'

/** What each language calls itself. */
const names = { en: 'English', de: 'Deutsch' } as const satisfies Record<Language, string>

/** Chooses the language of the page. */
export function LanguagePicker() {
  return (
    <select
      class="language"
      aria-label={t().header.language}
      value={language.value}
      onChange={({ currentTarget }) => chooseLanguage(currentTarget.value as Language)}
    >
      {Object.keys(languages).map((key) => (
        <option key={key} value={key}>
          {names[key as Language]}
        </option>
      ))}
    </select>
  )
}
