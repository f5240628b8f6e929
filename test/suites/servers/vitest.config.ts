import { suite } from '../../setup/shared-settings.ts'

/** Upstreams and local models at real servers, which are started before. */
export default suite({
  include: ['test/suites/servers/*.servers.ts', 'test/upstream/embedded.model.test.ts'],
  fileParallelism: false,
})
