import { expect, test } from 'vitest'
import { pages, pageText } from './documented.ts'

/** What git leaves between two versions; lines of `=` may be a heading's. */
const LEFT_BY_MERGES = /^(<{7}|\|{7}|>{7})( |$)/m

test.each(pages)('%s is one version, and not two that a merge has left', (page) => {
  expect(pageText(page)).not.toMatch(LEFT_BY_MERGES)
})

test.each(['<<<<<<< HEAD', 'text\n>>>>>>> 0123456 (a commit)\nmore', '||||||| base'])(
  'the check finds %j',
  (text) => expect(text).toMatch(LEFT_BY_MERGES),
)
