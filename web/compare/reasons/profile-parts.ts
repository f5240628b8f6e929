// This room owns why a word is there: which line or past text of the profile an answer's words come from. All
// of it is worked out in the page; it must not send any of the profile anywhere.

import type { Profile } from '../../../src/profiles/profile.ts'

/** One thing that a profile says. */
export interface ProfilePart {
  readonly kind: 'fact' | 'preference' | 'about' | 'style' | 'text' | 'name'
  readonly text: string
}

/**
 * What the local model read of a profile, part by part, with the past texts that it was shown. Of parts that
 * explain a word alike, the first counts.
 */
export function profileParts(profile: Profile, pastTexts: readonly string[]): readonly ProfilePart[] {
  const parts = (kind: ProfilePart['kind'], texts: readonly string[]) =>
    texts.map((text): ProfilePart => ({ kind, text }))
  return [
    ...parts('fact', profile.facts),
    ...parts('style', profile.writing_style),
    ...parts('preference', profile.preferences),
    ...parts('text', pastTexts),
    ...parts('about', profile.about.split(/\n\s*\n/)),
    ...parts('name', [profile.name]),
  ]
}
