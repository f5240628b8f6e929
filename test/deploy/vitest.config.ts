import { suite } from '../setup/shared-settings.ts'

/** Carries out the Dockerfile without a container runtime: minutes, and downloads. */
export default suite({ include: ['test/deploy/*.image.ts'], hookTimeout: 1_800_000 })
