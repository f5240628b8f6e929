import { expect, test } from 'vitest'
import { lookaheadPolicy } from '../../../src/gateway/answering/lookahead-policy.ts'
import { defaultLookahead } from '../../../src/steer/lookahead/lookahead-settings.ts'
import { initialThrottle } from '../../../src/steer/lookahead/planning/speculation-throttle.ts'

const automatic = {
  strength: 'auto',
  fidelity: 'top-k',
  gate: 'off',
  lookahead: 'auto',
  drafts: 'public',
} as const

test.each([
  {
    of: 'a server',
    configured: 'auto',
    requested: undefined,
    embedded: false,
    ahead: defaultLookahead.maxInFlight,
  },
  { of: 'a server', configured: 'auto', requested: 'off', embedded: false, ahead: null },
  { of: 'a server', configured: 'off', requested: 'auto', embedded: false, ahead: null },
  { of: 'a server', configured: 3, requested: undefined, embedded: false, ahead: 3 },
  { of: 'an embedded model', configured: 'auto', requested: undefined, embedded: true, ahead: null },
  {
    of: 'an embedded model',
    configured: 'auto',
    requested: 'auto',
    embedded: true,
    ahead: defaultLookahead.maxInFlight,
  },
  { of: 'an embedded model', configured: 3, requested: undefined, embedded: true, ahead: 3 },
] as const)('ahead of $of, configured $configured and asked $requested: $ahead', (choice) => {
  const circumstances = { ...choice, answers: 1, throttle: initialThrottle }
  const settings = lookaheadPolicy({ ...automatic, lookahead: choice.configured }, circumstances)
  expect(settings?.maxInFlight ?? null).toBe(choice.ahead)
})

test.each([
  { answers: 8, configured: 'auto', requested: undefined, ahead: defaultLookahead.maxInFlight },
  { answers: 9, configured: 'auto', requested: undefined, ahead: null },
  { answers: 9, configured: 'auto', requested: 'auto', ahead: defaultLookahead.maxInFlight },
  { answers: 9, configured: 3, requested: undefined, ahead: 3 },
] as const)('$answers answers, configured $configured and asked $requested: $ahead', (choice) => {
  const circumstances = { ...choice, embedded: false, throttle: initialThrottle }
  const settings = lookaheadPolicy({ ...automatic, lookahead: choice.configured }, circumstances)
  expect(settings?.maxInFlight ?? null).toBe(choice.ahead)
})
