import { suite } from '../../setup/shared-settings.ts'

/** Why a word is there, against what the local model loses without each part of a profile: minutes. */
export default suite({ include: ['test/suites/reasons/*.reasons.ts'], testTimeout: 3_600_000 })
