import { suite } from '../../setup/shared-settings.ts'

/** Scores against those of Python's rouge-score, which has to be installed first. */
export default suite({ include: ['test/suites/rouge/*.python.ts'] })
