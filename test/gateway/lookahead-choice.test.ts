import { expect, test } from 'vitest'
import { lookaheadSettings } from '../../src/gateway/lookahead-choice.ts'
import { defaultLookahead } from '../../src/steer/lookahead/lookahead-settings.ts'

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
  const settings = lookaheadSettings({ ...automatic, lookahead: choice.configured }, choice)
  expect(settings?.maxInFlight ?? null).toBe(choice.ahead)
})
