import { suite } from '../../setup/shared-settings.ts'

/** Clients in other languages, which have to be installed first. */
export default suite({
  include: ['test/suites/clients/*.clients.ts'],
  testTimeout: 600_000,
  hookTimeout: 1_800_000,
})
