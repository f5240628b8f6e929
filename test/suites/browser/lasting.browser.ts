import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Page } from 'playwright-core'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openPage, screenshot } from './pages/chromium.ts'
import { answerOf, ask, askButton, pick } from './pages/page-actions.ts'
import type { Playground } from './pages/playground.ts'
import { playgroundPages } from './pages/playground-pages.ts'

const playground = playgroundPages('lasting')
const { open } = playground

/** A way to a gateway that can be cut, with everything that is under way. */
async function openLine(gateway: Playground): Promise<{ url: string; cut(): void; mend(): void }> {
  const sockets = new Set<Socket>()
  let isCut = false
  const line = createServer((client) => {
    if (isCut) return client.destroy()
    const { hostname, port } = new URL(gateway.url)
    const there = connect(Number(port), hostname)
    for (const socket of [client, there]) {
      sockets.add(socket)
      socket.on('error', () => {})
    }
    return client.pipe(there).pipe(client)
  })
  await once(line.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => void line.close())
  return {
    url: `http://127.0.0.1:${(line.address() as AddressInfo).port}`,
    cut() {
      isCut = true
      for (const socket of sockets) socket.destroy()
    },
    mend() {
      isCut = false
    },
  }
}

/** What the page sends from now on. */
function questionsOf(page: Page): string[] {
  const asked: string[] = []
  page.on('request', (request) => {
    if (request.url().endsWith('/chat/completions')) asked.push(request.postData() ?? '')
  })
  return asked
}

describe('a question with its answers', () => {
  test('is there again after a reload, without being asked again', async () => {
    const page = await open()
    await pick(page, /Noor/)
    await page.getByLabel('Your question').fill('What grows on the temple wall?')
    await page.getByLabel('Strength').fill('1.2')
    await ask(page)
    const before = await answerOf(page, 'steered').textContent()
    const asked = questionsOf(page)
    await page.reload()
    await page.getByRole('heading', { name: 'As Noor Lindqvist' }).waitFor()
    expect(await answerOf(page, 'steered').textContent()).toBe(before)
    expect(await page.locator('.annotated .moved').count()).toBeGreaterThan(5)
    expect(await page.getByLabel('Your question').inputValue()).toBe('What grows on the temple wall?')
    expect(await page.getByRole('radio', { name: /Noor/ }).isChecked()).toBe(true)
    expect(await page.locator('.strength output').textContent()).toBe('1.20')
    await page.getByRole('tab', { name: 'Privacy' }).click()
    await expect.poll(() => page.locator('.marker').textContent()).toBe('profile text found: 0')
    expect(asked).toEqual([])
  })

  test('is as far as it came, after a reload in the middle', async () => {
    const page = await open()
    await page.getByLabel('Your question').fill('Write slowly')
    await askButton(page).click()
    await expect.poll(async () => (await answerOf(page, 'steered').textContent())?.length).toBeGreaterThan(10)
    await page.reload()
    await page.locator('.answer-card.steered footer', { hasText: 'stopped' }).waitFor()
    expect((await answerOf(page, 'steered').textContent())?.length).toBeGreaterThan(10)
  })

  test('stands in the address with its settings, and without a word of a profile', async () => {
    const page = await open()
    await pick(page, /Hamish/)
    await page.getByText('More settings').click()
    await page.getByLabel('Seed').fill('42')
    await page.getByLabel('Your question').fill('Who is at the door?')
    await expect.poll(() => new URL(page.url()).hash).toBe('#q=Who+is+at+the+door%3F&as=hamish-baird&seed=42')
    const other = await open({}, page.url())
    await other.getByRole('radio', { name: /Hamish/, checked: true }).waitFor()
    expect(await other.getByLabel('Your question').inputValue()).toBe('Who is at the door?')
    await other.getByText('More settings').click()
    expect(await other.getByLabel('Seed').inputValue()).toBe('42')
  })

  test('says so when another profile or other settings are chosen since', async () => {
    const page = await open()
    await ask(page)
    const outdated = page.locator('.outdated')
    expect(await outdated.count()).toBe(0)
    await pick(page, /Noor/)
    expect(await outdated.textContent()).toContain('Delphine Fontenot’s')
    await outdated.getByRole('button', { name: 'Ask again as Noor Lindqvist' }).click()
    await askButton(page).waitFor()
    await page.getByRole('heading', { name: 'As Noor Lindqvist' }).waitFor()
    expect(await outdated.count()).toBe(0)
    await page.getByLabel('Strength').fill('2')
    await outdated.getByText('other settings').waitFor()
    await screenshot(page, 'outdated')
  })

  test('says on both sides that another question stands there', async () => {
    const page = await open()
    await ask(page)
    const outdated = page.locator('.outdated', { hasText: 'This answers another question.' })
    expect(await outdated.count()).toBe(0)
    await page.getByLabel('Your question').fill('What is bread?')
    await expect.poll(() => outdated.count()).toBe(2)
    await outdated.getByRole('button', { name: 'Ask this question' }).click()
    await page.getByRole('button', { name: 'Ask both' }).waitFor()
    await expect.poll(() => outdated.count()).toBe(0)
  })
})

describe('changes that are not saved', () => {
  test('are asked about before the page is left', async () => {
    const page = await open()
    await page.getByRole('button', { name: 'Profiles' }).click()
    await page.getByLabel('Name').fill('Somebody new')
    const question = page.waitForEvent('dialog')
    await page.evaluate('void setTimeout(() => location.reload())')
    const dialog = await question
    expect(dialog.type()).toBe('beforeunload')
    await dialog.dismiss()
    expect(await page.getByLabel('Name').inputValue()).toBe('Somebody new')
  })
})

describe('a gateway that is gone', () => {
  test('is said in a sentence, in the middle of an answer too, and asked again once it is back', async () => {
    const line = await openLine(playground.server)
    const { page } = await openPage(playground.browser, line.url)
    onTestFinished(() => page.context().close())
    await page.getByLabel('Your question').fill('Write slowly')
    await askButton(page).click()
    await expect.poll(async () => (await answerOf(page, 'steered').textContent())?.length).toBeGreaterThan(10)
    line.cut()
    const steered = page.locator('.answer-card.steered')
    await steered.getByText('The gateway broke off the answer. Is it still running?').waitFor()
    expect((await answerOf(page, 'steered').textContent())?.length).toBeGreaterThan(10)
    await steered.getByRole('button', { name: 'Ask again' }).click()
    await steered.getByText('The gateway does not answer. Is it still running?').waitFor()
    await screenshot(page, 'gone')
    line.mend()
    await page.getByLabel('Your question').fill('Hello')
    await steered.getByRole('button', { name: 'Ask again' }).click()
    await expect.poll(() => answerOf(page, 'steered').textContent()).toContain('Kisses')
    expect(await steered.getByRole('alert').count()).toBe(0)
  })

  test('takes an earlier success from the page when a change cannot be saved', async () => {
    const line = await openLine(playground.server)
    const { page } = await openPage(playground.browser, line.url)
    onTestFinished(() => page.context().close())
    await page.getByRole('button', { name: 'Profiles' }).click()
    await page.getByLabel('Name').fill('One')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.getByText('Saved.').waitFor()
    line.cut()
    await page.getByLabel('Name').fill('Two')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await expect.poll(() => page.getByRole('alert').textContent()).toContain('does not answer')
    expect(await page.getByText('Saved.').count()).toBe(0)
    expect(await page.getByLabel('Name').inputValue()).toBe('Two')
  })
})

test('a long question scrolls within its box', async () => {
  const page = await open()
  await page.getByLabel('Your question').fill('And then? '.repeat(900))
  const box = await page.locator('.prompt-box').boundingBox()
  expect(box?.height).toBeLessThan(400)
  expect(
    await page.getByLabel('Your question').evaluate((field) => field.scrollHeight > field.clientHeight),
  ).toBe(true)
  await screenshot(page, 'long-question')
})
