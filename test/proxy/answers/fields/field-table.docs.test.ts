import { expect, test } from 'vitest'
import { requestFieldsPage } from './request-fields-page.ts'

// "npm run docs" writes the page anew. What it says is a promise to clients: a change is one for them.
test('docs/request-fields.md says what the tables of fields say', async () => {
  await expect(requestFieldsPage()).toMatchFileSnapshot('../../../../docs/request-fields.md')
})
