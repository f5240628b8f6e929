import { expect, test } from 'vitest'
import { screenshot } from './pages/chromium.ts'
import { ask, overflow, pick, seriousIssues } from './pages/page-actions.ts'
import { playgroundPages } from './pages/playground-pages.ts'

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

test('an answer that recites a past text says so, where it stands and where privacy is told', async () => {
  const page = await open()
  await pick(page, /Hamish/)
  await ask(page)
  const steered = page.locator('.answer-card.steered')
  expect(await steered.getByText('Too strong').count()).toBe(0)
  await steered.getByRole('button', { name: 'Keep this as mine' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Keep', exact: true }).click()
  await page.getByText('Kept as a text of Hamish Baird').waitFor()
  await ask(page)
  await steered.getByText(/^Too strong: the answer recites \d+ words/).waitFor()
  await page.getByRole('tab', { name: 'Privacy' }).click()
  await page.locator('.marker.said', { hasText: /^the answer repeats \d+ phrases of the profile$/ }).waitFor()
  expect(await page.locator('.marker.good').count()).toBe(0)
  await page.getByText('but for what the answer repeats of it').waitFor()
  expect(await seriousIssues(page)).toEqual([])
  await screenshot(page, 'recited')
  await steered.getByRole('button', { name: 'Ask again at 0.35' }).click()
  await expect.poll(() => page.locator('.strength output').textContent()).toBe('0.35')
  await page.getByRole('button', { name: 'Ask both' }).waitFor()
})

test('a notice ends by itself, and with the view that it was about', async () => {
  const page = await open()
  await page.clock.install()
  const notice = page.locator('.notice')
  const save = async (fact: string) => {
    await page.getByLabel('Facts').fill(fact)
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await notice.getByText('Saved.').waitFor()
  }
  await page.getByRole('button', { name: 'Profiles' }).click()
  await save('Keeps bees.')
  await page.clock.runFor(9000)
  await expect.poll(() => notice.count()).toBe(0)
  await save('Keeps goats.')
  await page.getByRole('button', { name: 'Requests' }).click()
  await expect.poll(() => notice.count()).toBe(0)
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
