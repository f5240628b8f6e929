import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type BuiltGateway, startBuiltGateway } from './gateways/built-gateway.ts'
import { launchChromium, openPage, screenshot } from './pages/chromium.ts'

// The whole program as people start it, with the embedded model.

let browser: Browser
let gateway: BuiltGateway
const folder = mkdtempSync(join(tmpdir(), 'costeer-embedded-'))

beforeAll(async () => {
  browser = await launchChromium()
  gateway = await startBuiltGateway(folder)
})
afterAll(async () => {
  await browser?.close()
  await gateway?.stop()
  rmSync(folder, { recursive: true, force: true })
})

function answerOf(page: Page, side: string) {
  return page.locator(`.answer-card.${side} .answer-text`)
}

test('shows a newcomer, who does nothing, the same question answered without and with a profile', async () => {
  const { page, faults } = await openPage(browser, gateway.url)
  await expect.poll(() => page.locator('.annotated .moved').count()).toBeGreaterThan(5)
  await page.getByRole('button', { name: 'Ask both' }).waitFor()
  const [plain, steered] = await Promise.all(
    ['plain', 'steered'].map((side) => answerOf(page, side).textContent()),
  )
  expect(plain).toMatch(/\w/)
  expect(steered).not.toBe(plain)
  await screenshot(page, 'newcomer')
  expect(faults).toEqual([])
  await page.context().close()
})

async function ask(page: Page): Promise<string> {
  const button = page.getByRole('button', { name: 'Ask both' })
  await button.click()
  await page.getByRole('button', { name: 'Stop' }).waitFor()
  await button.waitFor()
  return (await answerOf(page, 'steered').textContent()) ?? ''
}

test('steers an answer, shows why, sends nothing of the profile, and takes an edit at once', async () => {
  const { page, faults } = await openPage(browser, gateway.url)
  // What greets a newcomer
  await page.getByRole('button', { name: 'Stop' }).click()
  await page.locator('.profile-card', { hasText: 'Hamish' }).click()
  await page.getByLabel('Your question').fill('Introduce yourself in a few sentences.')
  const before = await ask(page)
  const plain = await answerOf(page, 'plain').textContent()
  expect(before.length).toBeGreaterThan(40)
  expect(before).not.toBe(plain)
  expect(await page.locator('.annotated .moved').count()).toBeGreaterThan(3)
  await page.locator('.annotated .moved').first().hover()
  expect(await page.getByRole('tooltip').textContent()).toContain('instead of')
  await screenshot(page, 'embedded')

  await page.getByRole('tab', { name: 'Privacy' }).click()
  const nothingElse = /^(?:profile text found: 0|the answer repeats \d+ phrases? of the profile)$/
  await expect.poll(() => page.locator('.marker').textContent()).toMatch(nothingElse)
  expect(await page.locator('.requests li').count()).toBeGreaterThan(10)

  await page.getByRole('button', { name: 'Profiles' }).click()
  await page.getByLabel('Facts').fill('He is a baker of sourdough bread in Lyon.\nHe sings while he kneads.')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByText('Saved.').waitFor()
  expect(readFileSync(join(gateway.profileFolder, 'hamish-baird.yaml'), 'utf8')).toContain('sourdough bread')
  await page.getByRole('button', { name: 'What the model reads' }).click()
  await expect.poll(() => page.locator('.preview .hint').textContent()).toMatch(/\d tokens/)
  expect(await page.locator('.private-prompt').textContent()).toContain(
    'He is a baker of sourdough bread in Lyon.',
  )
  await page.getByRole('button', { name: 'Compare' }).click()
  const after = await ask(page)
  expect(after).not.toBe(before)
  expect(faults).toEqual([])
})
