import { suite } from '../../setup/shared-settings.ts'

/** Agent loops of clients, against a real server and against the gateway before it. */
export default suite({
  include: ['test/suites/agents/*.agents.ts'],
  testTimeout: 900_000,
  hookTimeout: 1_800_000,
})
