import { suite } from '../../setup/shared-settings.ts'

/** Requests made up from the served description of the API: minutes, and a Python package. */
export default suite({ include: ['test/suites/fuzz/*.fuzz.ts'], testTimeout: 1_800_000 })
