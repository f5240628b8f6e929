import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Locator } from 'playwright-core'
import { expect, onTestFinished, test } from 'vitest'
import { startBuiltGateway } from './gateways/built-gateway.ts'
import { launchChromium, openPage } from './pages/chromium.ts'

/** The most coloured of the longer words in the middle, below which there is room for what it tells. */
async function tellingWord(moved: Locator): Promise<Locator> {
  const words = await moved.all()
  const middle = words.slice(Math.floor(words.length * 0.4), Math.ceil(words.length * 0.75))
  const rated = await Promise.all(
    middle.map(async (word) => ({
      word,
      tint: Number(/--tint: ?([\d.]+)/.exec((await word.getAttribute('style')) ?? '')?.[1]),
      letters: (await word.textContent())?.length ?? 0,
    })),
  )
  const [best] = rated.filter(({ letters }) => letters > 3).sort((a, b) => b.tint - a.tint)
  return best?.word ?? moved.first()
}

const images = fileURLToPath(new URL('../../../docs/images', import.meta.url))

test('the playground after the first answer: the pointer on a changed word, and what the large model read', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'costeer-picture-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const gateway = await startBuiltGateway(folder)
  onTestFinished(() => gateway.stop())
  const browser = await launchChromium()
  onTestFinished(() => browser.close())
  const { page, faults } = await openPage(browser, gateway.url, {
    viewport: { width: 1200, height: 1300 },
    colorScheme: 'light',
  })
  const moved = page.locator('.annotated .moved')
  await expect.poll(() => moved.count()).toBeGreaterThan(10)
  await page.getByRole('button', { name: 'Ask both' }).waitFor()
  await page.getByRole('tab', { name: 'Privacy' }).click()
  await page.getByRole('region', { name: 'The large model read' }).locator('mark').first().waitFor()
  await (await tellingWord(moved)).hover()
  await page.getByRole('tooltip').waitFor()
  const views = await page.locator('.views').boundingBox()
  const height = Math.ceil((views?.y ?? 0) + (views?.height ?? 0) + 16)
  mkdirSync(images, { recursive: true })
  const path = join(images, 'playground.png')
  await page.screenshot({ path, clip: { x: 0, y: 0, width: 1200, height } })
  expect(statSync(path).size).toBeLessThan(300_000)
  expect(faults).toEqual([])
})
