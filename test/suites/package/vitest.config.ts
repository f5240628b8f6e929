import { suite } from '../../setup/shared-settings.ts'

/** Packs the checkout and installs it elsewhere: a minute, and downloads. */
export default suite({ include: ['test/suites/package/*.package.ts'], hookTimeout: 1_800_000 })
