import { suite } from '../../setup/shared-settings.ts'

/** Draws the pictures of the documentation again, with the models that `npm start` uses. */
export default suite({ include: ['test/suites/browser/*.picture.ts'] })
