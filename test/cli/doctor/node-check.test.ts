import { expect, test } from 'vitest'
import { nodeCheck } from '../../../src/cli/doctor/node-check.ts'

test('Node is compared number by number', () => {
  const status = (version: string) => nodeCheck('>=20.19', version).status
  expect(['20.19.0', '20.20.1', '22.0.0'].map(status)).toEqual(['ok', 'ok', 'ok'])
  expect(['20.9.0', '18.99.9'].map(status)).toEqual(['fail', 'fail'])
})
