import { effect, signal } from '@preact/signals'

export type Theme = 'light' | 'dark'

const STORAGE_KEY = 'costeer-theme'
const dark = matchMedia('(prefers-color-scheme: dark)')
const stored = localStorage.getItem(STORAGE_KEY)

const system = signal<Theme>(dark.matches ? 'dark' : 'light')
const chosen = signal<Theme | null>(stored === 'light' || stored === 'dark' ? stored : null)

/** Follows the system until someone chooses. */
export function theme(): Theme {
  return chosen.value ?? system.value
}

export function toggleTheme(): void {
  const next = theme() === 'dark' ? 'light' : 'dark'
  // Back to what the system says means to follow it again.
  chosen.value = next === system.value ? null : next
  if (chosen.value === null) localStorage.removeItem(STORAGE_KEY)
  else localStorage.setItem(STORAGE_KEY, chosen.value)
}

dark.addEventListener('change', () => {
  system.value = dark.matches ? 'dark' : 'light'
})
effect(() => {
  document.documentElement.dataset.theme = theme()
})
