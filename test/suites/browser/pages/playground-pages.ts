import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest'
import { launchChromium, openPage } from './chromium.ts'
import { openPlayground, type Playground } from './playground.ts'

/** What the tests of one file share: a browser, a playground, and a folder of their own. */
export interface PlaygroundPages {
  readonly folder: string
  /** Both from the first test on. */
  readonly browser: Browser
  readonly server: Playground
  /** A page, by default the playground's, which must have done nothing wrong by the end of its test. */
  open(options?: BrowserContextOptions, url?: string): Promise<Page>
}

/** Opens browser and playground before a file's tests and closes them after. `name` is the folder's. */
export function playgroundPages(name: string): PlaygroundPages {
  const folder = mkdtempSync(join(tmpdir(), `costeer-${name}-`))
  let browser: Browser
  let server: Playground
  beforeAll(async () => {
    browser = await launchChromium()
    server = await openPlayground({ profileFolder: join(folder, 'profiles') })
  })
  afterAll(async () => {
    await browser?.close()
    await server?.close()
    rmSync(folder, { recursive: true, force: true })
  })
  return {
    folder,
    get browser() {
      return browser
    },
    get server() {
      return server
    },
    async open(options = {}, url = server.url) {
      const { page, faults } = await openPage(browser, url, options)
      onTestFinished(async () => {
        await page.context().close()
        expect(faults).toEqual([])
      })
      return page
    },
  }
}
