import { suite } from '../../setup/shared-settings.ts'

/** The page in a real browser. */
export default suite({ include: ['test/suites/browser/**/*.browser.ts'], fileParallelism: false })
