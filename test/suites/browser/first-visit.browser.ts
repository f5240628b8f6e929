import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { screenshot } from './pages/chromium.ts'
import { overflow, seriousIssues } from './pages/page-actions.ts'
import { openPlayground, servedModel } from './pages/playground.ts'
import { playgroundPages } from './pages/playground-pages.ts'

const playground = playgroundPages('first-visit')

test.each([
  ['light', 1280],
  ['dark', 1280],
  ['light', 360],
] as const)(
  'a newcomer who waits reads an example that is called one, in %s colours at %i pixels',
  async (colorScheme, width) => {
    const models = [servedModel('costeer', { embedded: true })]
    const profileFolder = join(playground.folder, `${colorScheme}-${width}`)
    // The first word comes after twelve times this.
    const slow = await openPlayground({ profileFolder, models, tokenMs: 4000 })
    onTestFinished(() => slow.close())
    const page = await playground.open({ colorScheme, viewport: { width, height: 800 } }, slow.url)
    const card = page.locator('.answer-card.steered')
    await card.getByText('Meanwhile an example, recorded with').waitFor()
    await card.getByText('The small model on this machine reads the profile').waitFor()
    expect(await card.locator('.recorded .moved').count()).toBeGreaterThan(8)
    expect(await seriousIssues(page)).toEqual([])
    expect(await overflow(page)).toBe(0)
    await screenshot(page, `first-visit-${colorScheme}-${width}`)
  },
)
