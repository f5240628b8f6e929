import { effect } from '@preact/signals'
import { type Language, language, languages, t } from './texts.ts'

const STORAGE_KEY = 'costeer-language'

function isLanguage(name: string | null): name is Language {
  return name !== null && Object.hasOwn(languages, name)
}

/** The first of the browser's languages that the page speaks, or English. */
function browserLanguage(): Language {
  return navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase()).find(isLanguage) ?? 'en'
}

/** Speaks the language that was chosen before, else the browser's; and tells it to readers of the screen. */
export function followLanguage(): void {
  const stored = localStorage.getItem(STORAGE_KEY)
  language.value = isLanguage(stored) ? stored : browserLanguage()
  effect(() => {
    document.documentElement.lang = language.value
    document.title = t().title
  })
}

export function chooseLanguage(chosen: Language): void {
  language.value = chosen
  // Back to the browser's means to follow it again.
  if (chosen === browserLanguage()) localStorage.removeItem(STORAGE_KEY)
  else localStorage.setItem(STORAGE_KEY, chosen)
}
