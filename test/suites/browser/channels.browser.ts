import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { describe, expect, onTestFinished, test } from 'vitest'
import { screenshot } from './pages/chromium.ts'
import { answerOf, ask, askButton, overflow, seriousIssues } from './pages/page-actions.ts'
import { openPlayground } from './pages/playground.ts'
import { playgroundPages } from './pages/playground-pages.ts'

const playground = playgroundPages('channels')
const { folder, open } = playground

describe('thoughts and calls', () => {
  const thoughtsOf = (page: Page) => page.locator('.answer-card.steered .thoughts')
  const isOpen = async (page: Page) => (await thoughtsOf(page).getAttribute('open')) !== null

  test('thoughts stand open while they come, fold away behind their number, and open again', async () => {
    const page = await open()
    await page.getByLabel('Your question').fill('Please think')
    await askButton(page).click()
    await thoughtsOf(page).getByText('The user wants a letter').waitFor()
    expect(await isOpen(page)).toBe(true)
    expect(await thoughtsOf(page).locator('summary').textContent()).toBe('Thinking …')
    await screenshot(page, 'thinking')
    await askButton(page).waitFor()
    await expect.poll(() => isOpen(page)).toBe(false)
    expect(await thoughtsOf(page).locator('summary').textContent()).toBe('Thought for 68 tokens')
    expect(await answerOf(page, 'steered').textContent()).toMatch(/^Darling!/)
    await thoughtsOf(page).locator('summary').click()
    await expect.poll(() => isOpen(page)).toBe(true)
    expect(await thoughtsOf(page).locator('.moved').count()).toBe(0)
    await screenshot(page, 'thoughts')
  })

  test('thoughts stay as their reader has put them', async () => {
    const page = await open()
    await page.getByLabel('Your question').fill('Please think')
    await askButton(page).click()
    await thoughtsOf(page).getByText('Thinking').click()
    await expect.poll(() => isOpen(page)).toBe(false)
    await expect.poll(() => thoughtsOf(page).textContent()).toContain('the tone is')
    expect(await isOpen(page)).toBe(false)
  })

  test('calls are cards, whose arguments are laid out while they come', async () => {
    const page = await open()
    await page.getByText('More settings').click()
    await page.getByRole('button', { name: 'an example' }).click()
    const sent = page.waitForRequest((request) => request.method() === 'POST')
    await askButton(page).click()
    expect((await sent).postDataJSON()).toMatchObject({ tools: [{ function: { name: 'get_weather' } }] })
    const call = page.getByRole('figure', { name: 'Call of get_weather' }).last()
    await askButton(page).waitFor()
    expect(await call.locator('pre').textContent()).toContain('"units": {\n    "temperature": "celsius"')
    expect(await page.locator('.answer-card.steered footer').textContent()).toContain('1 call')
    await screenshot(page, 'call')
  })

  test('a call that is stopped shows how far it came', async () => {
    const page = await open()
    await page.getByText('More settings').click()
    await page.getByRole('button', { name: 'an example' }).click()
    await page.getByLabel('Max tokens').fill('2')
    await page.getByLabel('Your question').fill('Write slowly')
    await askButton(page).click()
    const call = page.getByRole('figure', { name: 'Call of get_weather' }).last()
    await expect.poll(() => call.locator('pre').textContent()).toMatch(/^\{\n {2}"city"/)
    await page.getByRole('button', { name: 'Stop' }).click()
    await askButton(page).waitFor()
    expect(await call.locator('pre').textContent()).not.toContain('wind')
  })

  test('a page says which tools it cannot send, and which a model does not take', async () => {
    const page = await open()
    await page.getByText('More settings').click()
    await page.getByLabel('Tools').fill('{}')
    await askButton(page).click()
    await page.locator('.notice.failed', { hasText: 'must be a list' }).waitFor()
    const toolless = await openPlayground({ profileFolder: join(folder, 'toolless'), readsCalls: false })
    onTestFinished(() => toolless.close())
    const other = await open({}, toolless.url)
    await other.getByText('More settings').click()
    await other.getByRole('button', { name: 'an example' }).click()
    await ask(other)
    expect(await other.getByText('This model takes no tools').count()).toBe(2)
  })

  test.each(['light', 'dark'] as const)(
    'are readable in %s colours and in a narrow window',
    async (colorScheme) => {
      const page = await open({ colorScheme, viewport: { width: 360, height: 740 } })
      await page.getByLabel('Your question').fill('Please think')
      await page.getByText('More settings').click()
      await page.getByRole('button', { name: 'an example' }).click()
      await ask(page)
      await thoughtsOf(page).locator('summary').click()
      expect(await overflow(page)).toBe(0)
      expect(await seriousIssues(page)).toEqual([])
      await screenshot(page, `channels-${colorScheme}`)
    },
  )
})
