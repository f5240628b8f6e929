import { expect, test } from 'vitest'
import { systemName, systemsOf } from '../../../src/evaluation/lab/system.ts'

test('systems span the axes that they have', () => {
  const names = systemsOf({
    kinds: ['upstream', 'local-with', 'costeer', 'upstream-with-profile'],
    forms: ['prose', 'turns'],
    strengths: [0.5, 1],
    candidates: [100],
    ceilingForm: 'turns',
  }).map(systemName)
  expect(names).toEqual([
    'upstream',
    'local-with prose',
    'local-with turns',
    'costeer prose c=0.5 K=100',
    'costeer prose c=1 K=100',
    'costeer turns c=0.5 K=100',
    'costeer turns c=1 K=100',
    'upstream-with-profile turns',
  ])
})
