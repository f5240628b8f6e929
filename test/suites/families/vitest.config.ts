import { suite } from '../../setup/shared-settings.ts'

/** Our engine beside llama.cpp's, on the same files. */
export default suite({ include: ['test/suites/families/*.families.ts'], fileParallelism: false })
