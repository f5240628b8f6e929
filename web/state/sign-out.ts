import { rememberApiKey } from '../api/gateway-fetch.ts'
import { asked, stop } from './comparison.ts'

/** Forgets the key, and with it everything that the page knows by it. */
export function signOut(): void {
  stop()
  rememberApiKey('')
  // Or leaving the page would keep the answers.
  asked.value = null
  sessionStorage.clear()
  location.reload()
}
