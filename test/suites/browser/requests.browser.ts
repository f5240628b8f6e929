import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { screenshot } from './pages/chromium.ts'
import { ask, overflow, seriousIssues } from './pages/page-actions.ts'
import { openPlayground } from './pages/playground.ts'
import { playgroundPages } from './pages/playground-pages.ts'

const playground = playgroundPages('requests')
const { open } = playground

/** What a client sends that is not this page. */
async function clientAsks(url: string, body: object, headers: Record<string, string> = {}): Promise<void> {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'user-agent': 'OpenAI/Python 2.1.0', ...headers },
    body: JSON.stringify({ messages: [{ role: 'user', content: 'Hello' }], ...body }),
  })
  await response.text()
}

async function clients(url: string): Promise<void> {
  await clientAsks(url, {}, { 'x-costeer-profile': 'hamish-baird' })
  await clientAsks(url, { costeer: { profile: 'none' } })
  await clientAsks(url, { costeer: { strength: 0, profile: 'noor-lindqvist' } })
  await clientAsks(url, { costeer: { profile: 'nobody' } })
  await clientAsks(url, { temperature: 9 })
}

test('the page of requests invites where nobody has asked anything', async () => {
  const own = await openPlayground({ profileFolder: join(playground.folder, 'unasked') })
  onTestFinished(() => own.close())
  const page = await open({}, own.url)
  await page.getByRole('button', { name: 'Requests' }).click()
  await page.getByText(`Point a client at ${own.url}/v1`).waitFor()
  await screenshot(page, 'requests-none')
})

test('it says at once why a client is not steered, without any text', async () => {
  const page = await open()
  await ask(page)
  await page.getByRole('button', { name: 'Requests' }).click()
  await clients(playground.server.url)
  const rows = page.locator('.request-list li')
  await expect.poll(() => rows.count()).toBe(7)
  const words = await rows.allTextContents()
  expect(words[0]).toMatch(/OpenAI\/Python 2\.1\.0.*refused \(400\).*temperature/)
  expect(words[1]).toMatch(/refused \(404\)/)
  expect(words[2]).toMatch(/not steered/)
  expect(words[3]).toMatch(/asked costeer not steered.*asked for no profile/)
  expect(words[4]).toMatch(/steered as Hamish Baird.*first word after/)
  expect(words.slice(5).join()).toContain('a browser')
  expect(await page.locator('main').textContent()).not.toContain('Introduce yourself')
  await page.getByLabel('only what was not steered').check()
  await expect.poll(() => rows.count()).toBe(5)
})

test.each([
  ['light', 1280],
  ['dark', 1280],
  ['light', 360],
] as const)('it can be read by everyone in %s colours at %i pixels', async (colorScheme, width) => {
  await clients(playground.server.url)
  const page = await open({ colorScheme, viewport: { width, height: 800 } })
  await page.getByRole('button', { name: 'Requests' }).click()
  await page.locator('.request-list li').first().waitFor()
  expect(await seriousIssues(page)).toEqual([])
  expect(await overflow(page)).toBe(0)
  await screenshot(page, `requests-${colorScheme}-${width}`)
})
