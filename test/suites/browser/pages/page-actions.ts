import axe, { type AxeResults } from 'axe-core'
import type { Locator, Page } from 'playwright-core'

// What a visitor of the playground does, by the names that the page gives it.

export function answerOf(page: Page, side: 'plain' | 'steered'): Locator {
  return page.locator(`.answer-card.${side} .answer-text`)
}

export function askButton(page: Page): Locator {
  return page.getByRole('button', { name: 'Ask both' })
}

/** Asks what stands there, and waits for the end of both answers. */
export async function ask(page: Page): Promise<void> {
  await askButton(page).click()
  await page.getByRole('button', { name: 'Stop' }).waitFor()
  await askButton(page).waitFor()
}

export async function pick(page: Page, name: RegExp): Promise<void> {
  await page.locator('.profile-card', { hasText: name }).click()
  await page.getByRole('radio', { name, checked: true }).waitFor()
}

/** What axe finds serious or critical. */
export async function seriousIssues(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  const { violations } = await page.evaluate<AxeResults>('axe.run()')
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
}

/** How far the page is wider than its window, in pixels. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')
}
