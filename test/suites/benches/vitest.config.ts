import { suite } from '../../setup/shared-settings.ts'

/** Benchmarks with the real model, small and quick, so that they do not rot: minutes. */
export default suite({ include: ['test/suites/benches/*.benches.ts'], testTimeout: 600_000 })
