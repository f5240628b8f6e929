import { expect, test } from 'vitest'
import { type ForceRowOptions, forceRow } from '../../../src/evaluation/likelihood/force-row.ts'
import { sampleProfile } from '../../profiles/sample-profile.ts'

test('a local model with other tokens than the upstream is refused before anything is asked', async () => {
  const row = { id: 'a', query: 'Hi', reference: 'Hello', profile: sampleProfile() }
  const models = { opened: { alignment: {} }, local: { name: 'smollm2-135m' } }
  const forced = forceRow(row, { models } as unknown as ForceRowOptions)
  await expect(forced).rejects.toMatchObject({ code: 'config_invalid', message: /smollm2-135m.*--answers/ })
})
