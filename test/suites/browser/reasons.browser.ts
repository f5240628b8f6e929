import { expect, test } from 'vitest'
import { screenshot } from './chromium.ts'
import { ask, overflow, pick, seriousIssues } from './page-actions.ts'
import { playgroundPages } from './playground-pages.ts'

const { open } = playgroundPages('reasons')

test('a changed word tells which line or past text of the profile it comes from', async () => {
  const page = await open()
  await pick(page, /Noor/)
  await ask(page)
  const word = (text: string) =>
    page.locator('.annotated .moved .token', { hasText: new RegExp(`^${text}$`) })
  const reason = page.locator('.popover .reason')
  await word('tofu').click()
  await expect.poll(() => reason.textContent()).toContain('from a')
  expect(await reason.locator('mark').textContent()).toContain('tofu')
  await word('walk').click()
  await expect.poll(() => reason.textContent()).toContain('as a whole')
  await page.locator('.annotated .token', { hasText: /^has$/ }).click()
  await expect.poll(() => page.getByRole('tooltip').count()).toBe(1)
  expect(await reason.count()).toBe(0)
})

test('the strength is called what it did to this answer, and nothing that was not tried', async () => {
  const page = await open()
  await pick(page, /Noor/)
  const label = page.locator('.strength .hint span')
  expect(await label.textContent()).toContain('as a rule')
  await ask(page)
  await expect.poll(() => label.textContent()).toMatch(/^18 of 5\d words: clearly/)
  await page.getByLabel('Strength').fill('1.2')
  await expect.poll(() => label.textContent()).toContain('ask to see')
})

test.each([
  ['light', 1280],
  ['dark', 1280],
  ['light', 360],
] as const)('a reason can be read by everyone in %s colours at %i pixels', async (colorScheme, width) => {
  const page = await open({ colorScheme, viewport: { width, height: 800 } })
  await pick(page, /Noor/)
  await ask(page)
  const word = page.locator('.annotated .moved .token', { hasText: /^tofu$/ })
  // The page may still scroll to the answers, which closes what stands beside a word.
  const opened = async () => {
    await word.click()
    return page.locator('.popover .reason').count()
  }
  await expect.poll(opened).toBe(1)
  expect(await seriousIssues(page)).toEqual([])
  expect(await overflow(page)).toBe(0)
  await screenshot(page, `reasons-${colorScheme}-${width}`)
})
