import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadProfile } from '../../../src/profiles/files/load-profile.ts'
import { writeProfile } from '../../../src/profiles/files/write-profile.ts'
import { addTexts } from '../../../src/profiles/texts/add-texts.ts'
import { removeText, textKey } from '../../../src/profiles/texts/remove-text.ts'
import { temporaryFolder } from '../../setup/temporary-folder.ts'
import { sampleProfile } from '../sample-profile.ts'

test('takes a text out of the file that holds it', async () => {
  const folder = temporaryFolder()
  const profile = sampleProfile()
  await writeProfile(folder, profile)
  const beside = [{ text: 'The ladder is back.' }, { text: 'The train was late.' }] as const
  await addTexts(folder, profile, { texts: beside, facts: [], addSimilar: true })
  const [first, ...own] = profile.history
  for (const entry of [beside[0], first]) {
    await removeText(folder, { id: 'ada', key: textKey(entry ?? beside[0]) })
  }
  const loaded = await loadProfile(join(folder, 'ada.yaml'))
  expect(loaded).toMatchObject({ profile: { history: [...own, beside[1]] } })
  const again = removeText(folder, { id: 'ada', key: textKey(beside[0]) })
  await expect(again).rejects.toMatchObject({ code: 'profile_not_found' })
})
