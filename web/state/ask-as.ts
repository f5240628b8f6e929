import { dismissNotice } from '../notices.tsx'
import { t } from '../texts/texts.ts'
import { ask } from './comparison.ts'
import { pickProfile } from './first-questions.ts'
import { view } from './session.ts'

/** Offers, in a notice, to ask the question that stands there as a profile. */
export function askAs(id: string, name: string): { readonly label: string; readonly run: () => void } {
  return {
    label: t().profiles.askAs(name),
    run: () => {
      dismissNotice()
      pickProfile(id)
      view.value = 'compare'
      void ask()
    },
  }
}
