import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Config } from '../../../src/config/schema.ts'
import { ProfileStore } from '../../../src/profiles/profile-store.ts'
import { SAMPLE_YAML } from '../../profiles/sample-profile.ts'
import { temporaryFolder } from '../../setup/temporary-folder.ts'
import { type TestApp, testApp } from '../app-under-test/test-app.ts'

export interface ProfileApp extends TestApp {
  readonly store: ProfileStore
  /** Of the profile files. */
  readonly folder: string
}

/** The app with the profile API over a folder that holds Ada's profile; closed after the test. */
export async function profileApp(server: Partial<Config['server']> = {}): Promise<ProfileApp> {
  const folder = join(temporaryFolder(), 'profiles')
  mkdirSync(folder)
  writeFileSync(join(folder, 'ada.yaml'), SAMPLE_YAML)
  const store = await ProfileStore.open(folder, { watch: false })
  onTestFinished(() => store.close())
  return { ...testApp({ script: { choices: [[]] }, server, profiles: { store } }), store, folder }
}
