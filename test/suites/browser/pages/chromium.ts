import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { LONGEST_WAIT_MS } from '../../../setup/patience.ts'

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const output = fileURLToPath(new URL('../../../../test-output', import.meta.url))

/** Starts the system's Chromium. Rejects with what to install when there is none. */
export async function launchChromium(): Promise<Browser> {
  const executablePath = places.find((path) => existsSync(path))
  if (executablePath === undefined) {
    throw new Error('The browser tests need Chromium: apt-get install -y chromium (looked in /usr/bin).')
  }
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] })
}

/** A page at `url`, and everything that went wrong in it: errors, and requests to anywhere else. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<{ page: Page; faults: string[] }> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options })
  context.setDefaultTimeout(LONGEST_WAIT_MS)
  const page = await context.newPage()
  const { origin } = new URL(url)
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`))
  page.on('console', (message) => {
    // Refusals are part of what is tested.
    const refused = /status of (?:400|401|412)\b/.test(message.text())
    if (message.type() === 'error' && !refused) faults.push(`console: ${message.text()}`)
  })
  page.on('request', (request) => {
    if (!request.url().startsWith(origin)) faults.push(`request: ${request.url()}`)
  })
  await page.goto(url)
  return { page, faults }
}

/** Puts a picture of the whole page into test-output. */
export async function screenshot(page: Page, name: string): Promise<void> {
  mkdirSync(output, { recursive: true })
  await page.screenshot({ path: join(output, `playground-${name}.png`), fullPage: true })
}
