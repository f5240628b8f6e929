import type { PrivateValue } from '../guard/private-value.ts'
import { suggestValues } from '../guard/suggest-values.ts'
import type { Profile } from './profile.ts'

type Described = Pick<Profile, 'private' | 'name' | 'facts' | 'about'>

/** What a profile may declare as private beside what it does, for its owner to confirm. */
export function suggestedValues({ private: declared, name, facts, about }: Described): PrivateValue[] {
  return suggestValues({ name, texts: [...facts, about] }, declared)
}
