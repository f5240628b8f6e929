import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openPage, screenshot } from './pages/chromium.ts'
import { answerOf, ask, askButton, pick, seriousIssues } from './pages/page-actions.ts'
import { openPlayground, servedModel } from './pages/playground.ts'
import { playgroundPages } from './pages/playground-pages.ts'

const playground = playgroundPages('playground')
const { folder, open } = playground

describe('a newcomer', () => {
  test('gets two different answers to the prefilled question with one click', async () => {
    const page = await open()
    await ask(page)
    await expect.poll(() => answerOf(page, 'plain').textContent()).toContain('Subject: Dinner')
    expect(await answerOf(page, 'steered').textContent()).toContain('Darling! Friday night, cher')
    expect(await page.getByRole('heading', { name: 'As Delphine Fontenot' }).count()).toBe(1)
  })

  test('sees both answers grow side by side', async () => {
    const page = await open()
    await page.getByLabel('Your question').fill('Write slowly')
    await askButton(page).click()
    const lengths = async () =>
      Promise.all(
        (['plain', 'steered'] as const).map(
          async (side) => (await answerOf(page, side).textContent())?.length ?? 0,
        ),
      )
    await expect.poll(async () => Math.min(...(await lengths()))).toBeGreaterThan(0)
    const early = await lengths()
    await expect
      .poll(async () => (await lengths()).every((length, i) => length > (early[i] ?? 0) + 20))
      .toBe(true)
    await screenshot(page, 'streaming')
  })

  test('can tell which words the profile changed', async () => {
    const page = await open()
    await pick(page, /Noor/)
    await page.getByRole('button', { name: /dinner on Friday/ }).click()
    await ask(page)
    const moved = await page.locator('.annotated .moved').allTextContents()
    expect(moved.slice(0, 5)).toEqual(['dear', 'friend', 'rain', 'soft', 'moss'])
    const changed = page.locator('.changed-words')
    const summary = /^the profile changed 18 of 5\d words: \d facts?, .*favourite words · point at one/
    await expect.poll(() => changed.textContent()).toMatch(summary)
    await page.locator('.annotated .moved').first().hover()
    await expect.poll(() => changed.textContent()).not.toContain('point at one')
    const colour = (text: string) =>
      page
        .locator('.annotated .moved, .annotated .token', { hasText: new RegExp(`^${text}$`) })
        .first()
        .evaluate((token) => {
          const { defaultView } = token.ownerDocument
          return defaultView?.getComputedStyle(token).backgroundColor
        })
    expect(await colour('has')).toBe('rgba(0, 0, 0, 0)')
    expect(await colour('rain')).not.toBe(await colour('warm'))
    expect(await colour('the')).toBe('rgba(0, 0, 0, 0)')
    await screenshot(page, 'answers')
  })
})

describe('on the first visit', () => {
  test('the question that stands there is answered at once, where the large model runs in the gateway', async () => {
    const models = [servedModel('costeer', { embedded: true })]
    const own = await openPlayground({ profileFolder: join(folder, 'own'), models, tokenMs: 100 })
    onTestFinished(() => own.close())
    const page = await open({}, own.url)
    await page.getByText('an example, recorded with').first().waitFor()
    await screenshot(page, 'first-visit')
    expect(await page.getByLabel('Your question').inputValue()).toContain('invitation')
    await expect.poll(() => answerOf(page, 'plain').textContent()).toContain('Subject')
    await expect.poll(() => page.getByText('an example, recorded with').count()).toBe(0)
    await expect.poll(() => page.locator('.annotated .moved').count()).toBeGreaterThan(5)
    await pick(page, /Noor/)
    expect(await page.getByLabel('Your question').inputValue()).toContain('Introduce yourself')
    await askButton(page).waitFor()
    const asked: string[] = []
    page.on('request', (request) => request.url().includes('/v1/chat/') && asked.push(request.url()))
    await page.reload()
    await expect.poll(() => answerOf(page, 'plain').textContent()).toContain('Subject')
    expect(asked).toEqual([])
  })

  test('nothing is sent to a server before somebody asks', async () => {
    const page = await open()
    await askButton(page).waitFor()
    expect(await page.locator('.answer-card .placeholder').count()).toBe(2)
    await page.getByText('this side is what everyone gets').waitFor()
  })
})

describe('an answer', () => {
  test('explains a word that the pointer rests on, or a tap chooses', async () => {
    const page = await open()
    await pick(page, /Noor/)
    await ask(page)
    const token = page.locator('.token', { hasText: /^moss$/ })
    await token.hover()
    const details = page.getByRole('tooltip')
    await expect.poll(() => details.textContent()).toContain('instead of “music”')
    expect(await details.locator('tr').count()).toBe(10)
    expect(await details.textContent()).toContain('52.0 %')
    await screenshot(page, 'token')
    await page.mouse.move(5, 5)
    await expect.poll(() => details.count()).toBe(0)
    await token.click()
    await page.mouse.move(5, 5)
    expect(await details.count()).toBe(1)
  })

  test('is asked by a click on an example question', async () => {
    const page = await open()
    await page.getByRole('button', { name: 'What do you see from your window' }).click()
    await expect.poll(() => answerOf(page, 'plain').textContent()).toContain('Subject')
    expect(await page.getByLabel('Your question').inputValue()).toContain('window')
  })

  test.each([360, 1280])('explains its last words inside the page at %i pixels', async (width) => {
    const page = await open({ viewport: { width, height: 800 } })
    await pick(page, /Noor/)
    await ask(page)
    await page.locator('.annotated').focus()
    await page.keyboard.press('End')
    const details = page.getByRole('tooltip')
    await details.waitFor()
    for (const key of ['ArrowUp', 'ArrowUp', 'ArrowUp', 'ArrowUp', 'ArrowUp', 'ArrowUp']) {
      const beyond = await page.evaluate<number>(`(() => {
        const box = document.querySelector('.popover').getBoundingClientRect()
        return Math.max(box.right - document.documentElement.clientWidth, -box.left)
      })()`)
      expect(beyond).toBeLessThan(0)
      await page.keyboard.press(key)
    }
    await screenshot(page, `word-${width}`)
  })

  test('keeps what a word is explained by beside it while the page scrolls', async () => {
    const page = await open({ viewport: { width: 360, height: 500 } })
    await pick(page, /Noor/)
    await ask(page)
    await page.locator('.annotated').focus()
    await page.keyboard.press('End')
    await page.getByRole('tooltip').waitFor()
    const gap = () =>
      page.evaluate<number>(`(() => {
        const [box, word] = ['.popover', '.token.active'].map((one) =>
          document.querySelector(one).getBoundingClientRect())
        return Math.max(box.top - word.bottom, word.top - box.bottom)
      })()`)
    const before = await gap()
    const from = await page.evaluate<number>('scrollY')
    await page.mouse.wheel(0, -60)
    await expect.poll(() => page.evaluate<number>('scrollY')).toBeLessThan(from)
    await expect.poll(gap).toBeCloseTo(before, 0)
  })

  test('is read word by word with the arrow keys', async () => {
    const page = await open()
    await pick(page, /Noor/)
    await ask(page)
    await page.locator('.annotated').focus()
    await page.keyboard.press('ArrowDown')
    await expect.poll(() => page.locator('.token.active').textContent()).toBe('dear')
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowDown')
    await expect.poll(() => page.locator('.token.active').textContent()).toBe('rain')
    expect(await page.getByRole('tooltip').textContent()).toContain('instead of')
    await page.keyboard.press('Escape')
    await expect.poll(() => page.getByRole('tooltip').count()).toBe(0)
  })

  test('stops at once, and keeps what it has', async () => {
    const page = await open()
    await page.getByLabel('Your question').fill('Write slowly')
    await askButton(page).click()
    await expect
      .poll(async () => (await answerOf(page, 'steered').textContent())?.length ?? 0)
      .toBeGreaterThan(10)
    await page.getByRole('button', { name: 'Stop' }).click()
    await askButton(page).waitFor()
    expect(await page.locator('.answer-card.steered footer').textContent()).toContain('stopped')
  })

  test('says what it cost, where its upstream has a price', async () => {
    const page = await open()
    await page.getByLabel('Your question').fill('What is the price of bread?')
    await ask(page)
    const footer = page.locator('.answer-card.steered footer')
    expect(await footer.textContent()).toContain('costs 0.00123')
    await page.getByLabel('Your question').fill('What is bread?')
    await ask(page)
    expect(await footer.textContent()).not.toContain('costs')
  })

  test('begins with Ctrl+Enter', async () => {
    const page = await open()
    await page.getByLabel('Your question').press('Control+Enter')
    await expect.poll(() => answerOf(page, 'plain').textContent()).toContain('Subject')
  })

  test('that fails on the way says why, beside what it has', async () => {
    const page = await open()
    await page.getByLabel('Your question').fill('Please fail')
    await ask(page)
    expect(await page.locator('.answer-card.steered').getByRole('alert').textContent()).toContain(
      'did not answer in time',
    )
    expect(await answerOf(page, 'plain').textContent()).toContain('Subject')
  })

  test('is sent with the settings that the page shows', async () => {
    const page = await open()
    await page.getByLabel('Strength').fill('1.2')
    await page.getByText('More settings').click()
    await page.getByLabel('Temperature').fill('0.9')
    await page.getByLabel('Seed').fill('42')
    await page.getByLabel('Max tokens').fill('9')
    await page.getByLabel('Max tokens').blur()
    await page.getByLabel('Lookahead').selectOption('off')
    const sent = page.waitForRequest(
      (request) => request.headers()['x-costeer-profile'] === 'delphine-fontenot',
    )
    await ask(page)
    expect((await sent).postDataJSON()).toMatchObject({
      temperature: 0.9,
      seed: 42,
      max_tokens: 9,
      costeer: { strength: 1.2, lookahead: 'off' },
    })
    expect(await page.locator('.answer-card.plain footer').textContent()).toContain(
      'cut at the longest length',
    )
  })

  test('comes from the chosen model, at the strength that was tuned for it', async () => {
    const models = [
      servedModel('small'),
      servedModel('small-too'),
      servedModel('large', { upstream: 'Qwen2.5-7B', configuredAs: 'other', strength: 0.75 }),
    ]
    const several = await openPlayground({ profileFolder: join(folder, 'several'), models })
    onTestFinished(() => several.close())
    const page = await open({}, several.url)
    const strength = page.locator('.strength output')
    expect(await page.getByLabel('Model').locator('option').allTextContents()).toEqual([
      'small (Qwen2.5-1.5B)',
      'large (Qwen2.5-7B)',
    ])
    await page.getByLabel('Strength').fill('2')
    await page.getByLabel('Model').selectOption('large')
    await expect.poll(() => strength.textContent()).toBe('0.75')
    await expect.poll(() => page.locator('.models').textContent()).toContain('Qwen2.5-7B')
    const sent = page.waitForRequest((request) => request.method() === 'POST')
    await ask(page)
    expect((await sent).postDataJSON()).toMatchObject({ model: 'large', costeer: { strength: 0.75 } })
    await page.getByRole('button', { name: 'Profiles' }).click()
    await page.getByRole('button', { name: 'Compare' }).click()
    expect(await page.getByLabel('Model').inputValue()).toBe('large')
  })

  test('takes its strength from the five published parameters', async () => {
    const page = await open()
    await page.getByText('More settings').click()
    await page.getByText('Expert', { exact: true }).click()
    const expert = page.locator('.expert')
    expect(await expert.locator('output').textContent()).toBe('1.7833')
    await expert.getByLabel('β').fill('0')
    await expect.poll(() => expert.locator('output').textContent()).toBe('0.0000')
    await expert.getByRole('button', { name: 'the paper’s values' }).click()
    await expert.getByRole('button', { name: 'Use' }).click()
    expect(await page.locator('.strength output').textContent()).toBe('1.78')
  })
})

describe('the views below the answers', () => {
  test('the timeline draws the work of both models', async () => {
    const page = await open()
    await ask(page)
    expect(await page.locator('.timeline .bar-upstream').count()).toBeGreaterThan(5)
    expect(await page.locator('.timeline .bar-local').count()).toBeGreaterThan(5)
    expect(await page.locator('.timeline .dot-accepted').count()).toBeGreaterThan(5)
    expect(await page.locator('.figures').textContent()).toContain('guesses that were right')
  })

  test('privacy shows every request, searches them, and finds nothing of the profile', async () => {
    const page = await open()
    await pick(page, /Hamish/)
    await ask(page)
    await page.getByRole('tab', { name: 'Privacy' }).click()
    await expect.poll(() => page.locator('.marker').textContent()).toBe('profile text found: 0')
    await page.getByLabel('Search what was sent').fill('Stromness')
    await expect.poll(() => page.locator('.search [role=status]').textContent()).toMatch(/^in 0 of \d\d$/)
    await page.getByLabel('Search what was sent').fill('yourself')
    await expect.poll(() => page.locator('.requests li').count()).toBeGreaterThan(5)
    await page.locator('.requests summary').first().click()
    expect(await page.locator('.requests pre').first().textContent()).toContain('"n_predict":1')
    await screenshot(page, 'privacy')
  })

  test('privacy tells when something of the profile was sent', async () => {
    const page = await open()
    await page.getByLabel('Your question').fill('Please leak')
    await ask(page)
    await page.getByRole('tab', { name: 'Privacy' }).click()
    await expect.poll(() => page.locator('.marker.bad').textContent()).toMatch(/^profile text found: [1-9]/)
  })

  test('the tokens view lists every token, or the changed ones', async () => {
    const page = await open()
    await pick(page, /Noor/)
    await ask(page)
    await page.getByRole('tab', { name: 'Timeline' }).press('ArrowLeft')
    const rows = page.locator('.token-table tbody tr')
    expect(await rows.count()).toBeGreaterThan(60)
    await page.getByLabel(/only tokens that the profile changed/).check()
    await expect.poll(() => rows.count()).toBe(20)
    await screenshot(page, 'tokens')
  })
})

const LETTER = 'Dear Ann, the bees are well, and the honey is in. Come on Sunday and taste it with us.'

describe('the profile editor', () => {
  const file = (id: string) => join(playground.server.profileFolder, `${id}.yaml`)

  test('saves a change that the next answer uses, and undoes it', async () => {
    const page = await open()
    await pick(page, /Hamish/)
    await page.getByRole('button', { name: 'Profiles' }).click()
    await page.getByLabel('Name').fill('Skipper Baird')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.getByText('Saved.').waitFor()
    expect(readFileSync(file('hamish-baird'), 'utf8')).toContain('# An invented person.')
    await page.getByRole('button', { name: 'Compare' }).click()
    await ask(page)
    await expect.poll(() => answerOf(page, 'steered').textContent()).toContain('Skipper Baird')
    await page.getByRole('button', { name: 'Profiles' }).click()
    await page.getByText(/^\d+ earlier version/).click()
    await page.getByRole('button', { name: 'Go back to it' }).first().click()
    await page.getByText('The earlier version is back.').waitFor()
    expect(readFileSync(file('hamish-baird'), 'utf8')).toContain('name: Hamish Baird')
  })

  test('writes a new profile from a name and texts, deletes it, and brings it back', async () => {
    const page = await open()
    writeFileSync(join(folder, 'letter-to-ann.txt'), LETTER)
    await page.getByRole('button', { name: 'Profiles' }).click()
    await page.getByRole('button', { name: 'New profile' }).click()
    await page.getByLabel('Name').fill('Zoë Brown')
    expect(await page.getByLabel('Id', { exact: true }).inputValue()).toBe('zoe-brown')
    await page.getByLabel('Facts').fill('She keeps bees.\n\nShe is 50.')
    await page.getByRole('button', { name: 'Zoë Brown', exact: true }).click()
    expect(await page.getByLabel('Private values').inputValue()).toBe('person: Zoë Brown | Zoë | Brown')
    await page.getByRole('button', { name: 'Save, and bring texts in' }).click()
    await page.getByLabel('Choose files').setInputFiles(join(folder, 'letter-to-ann.txt'))
    await page.getByRole('button', { name: 'Add 1 text' }).click()
    await page.getByText('1 text added to Zoë Brown.').waitFor()
    const saved = readFileSync(file('zoe-brown'), 'utf8')
    expect(saved).toContain('- She keeps bees.\n  - She is 50.')
    await page.getByRole('button', { name: 'Delete this profile' }).click()
    await page.getByText('Zoë Brown is deleted.').waitFor()
    expect(() => readFileSync(file('zoe-brown'))).toThrow()
    await page.getByText('1 deleted profile').click()
    await screenshot(page, 'deleted')
    await page.getByRole('button', { name: 'Bring zoe-brown back' }).click()
    await page.getByText('The earlier version is back.').waitFor()
    expect(readFileSync(file('zoe-brown'), 'utf8')).toBe(saved)
    expect(await page.getByText('1 deleted profile').count()).toBe(0)
    rmSync(file('zoe-brown'))
  })

  test('keeps the text of a file, and says where it is wrong', async () => {
    const page = await open()
    await pick(page, /Noor/)
    await page.getByRole('button', { name: 'Profiles' }).click()
    await page.getByRole('button', { name: 'YAML' }).click()
    const yaml = page.getByLabel('The profile’s file')
    const before = await yaml.inputValue()
    await yaml.fill(before.replace('name: Noor', 'nome: Noor'))
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await expect
      .poll(() => page.getByRole('alert').textContent())
      .toContain('nome: is not a key of a profile')
    await screenshot(page, 'yaml-problem')
    await page.getByRole('button', { name: 'Line 3' }).click()
    const chosen = `document.activeElement.value.slice(...['selectionStart', 'selectionEnd'].map((end) => document.activeElement[end]))`
    expect(await page.evaluate<string>(chosen)).toBe('nome: Noor Lindqvist')
    await yaml.fill(`# My own remark.\n${before}`)
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.getByText('Saved.').waitFor()
    expect(readFileSync(file('noor-lindqvist'), 'utf8')).toBe(`# My own remark.\n${before}`)
    await screenshot(page, 'yaml')
  })

  test('shows the private prompt for a question', async () => {
    const page = await open()
    await pick(page, /Noor/)
    await page.getByRole('button', { name: 'Profiles' }).click()
    await page.getByRole('button', { name: 'What the model reads' }).click()
    await expect
      .poll(() => page.locator('.private-prompt').textContent())
      .toContain('The user is Noor Lindqvist.')
    await screenshot(page, 'preview')
  })

  test('does not overwrite what someone else has changed meanwhile', async () => {
    const page = await open()
    await pick(page, /Delphine/)
    await page.getByRole('button', { name: 'Profiles' }).click()
    await page.getByLabel('Name').fill('Mine')
    const theirs = readFileSync(file('delphine-fontenot'), 'utf8').replace('is 44', 'is 45')
    writeFileSync(file('delphine-fontenot'), theirs)
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await expect.poll(() => page.getByRole('alert').textContent()).toContain('changed in the meantime')
    expect(readFileSync(file('delphine-fontenot'), 'utf8')).toBe(theirs)
    expect(await page.getByLabel('Name').inputValue()).toBe('Mine')
  })
})

describe('the page', () => {
  test('follows the system to dark colours, and a toggle overrides it', async () => {
    const page = await open({ colorScheme: 'dark' })
    const paper = () => page.evaluate<string>('getComputedStyle(document.documentElement).backgroundColor')
    const dark = await paper()
    await pick(page, /Noor/)
    await ask(page)
    await screenshot(page, 'dark')
    await page.getByRole('button', { name: 'Light colours' }).click()
    await expect.poll(paper).not.toBe(dark)
    await page.reload()
    await page.getByRole('button', { name: 'Dark colours' }).waitFor()
    expect(await paper()).not.toBe(dark)
  })

  test.each(['light', 'dark'] as const)(
    'has no serious accessibility issue in %s colours',
    async (colorScheme) => {
      const page = await open({ colorScheme })
      expect(await seriousIssues(page)).toEqual([])
      await page.getByText('More settings').click()
      await page.getByText('Expert', { exact: true }).click()
      await ask(page)
      await page.locator('.annotated .moved').first().hover()
      expect(await seriousIssues(page)).toEqual([])
      for (const tab of ['Privacy', 'Tokens']) {
        await page.getByRole('tab', { name: tab }).click()
        expect(await seriousIssues(page)).toEqual([])
      }
      await page.getByRole('button', { name: 'Profiles' }).click()
      for (const mode of ['Form', 'YAML', 'What the model reads']) {
        await page.getByRole('button', { name: mode }).click()
        expect(await seriousIssues(page)).toEqual([])
      }
    },
  )

  test('fits a window of 360 pixels', async () => {
    const page = await open({ viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true })
    const overflow = () => page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')
    await pick(page, /Noor/)
    await ask(page)
    expect(await overflow()).toBe(0)
    await page.locator('.token', { hasText: /^moss$/ }).tap()
    const box = await page.getByRole('tooltip').boundingBox()
    expect(box?.x).toBeGreaterThanOrEqual(0)
    expect((box?.x ?? 0) + (box?.width ?? 999)).toBeLessThanOrEqual(360)
    await screenshot(page, 'narrow')
    for (const tab of ['Privacy', 'Tokens']) {
      await page.getByRole('tab', { name: tab }).click()
      expect(await overflow()).toBe(0)
    }
    await page.getByRole('button', { name: 'Profiles' }).click()
    await page.getByLabel('Facts').waitFor()
    expect(await overflow()).toBe(0)
    await screenshot(page, 'narrow-profiles')
  })

  test('asks for a key where the gateway wants one, and offers what the key opens', async () => {
    const keys = [
      { key: 'admin-key-1', admin: true },
      { key: 'caller-key-1', admin: false },
    ]
    const guarded = await openPlayground({ profileFolder: join(folder, 'guarded'), keys })
    onTestFinished(() => guarded.close())
    const { page } = await openPage(playground.browser, guarded.url)
    await page.getByLabel('API key').fill('wrong-key-1')
    await page.getByRole('button', { name: 'Open' }).click()
    const refusal = page.getByRole('alert')
    expect(await refusal.textContent()).toContain('not one of the configured keys')
    const colour = 'getComputedStyle(document.querySelector("[role=alert]")).color'
    expect(await page.evaluate<string>(colour)).toBe('rgb(163, 49, 43)')
    await page.getByLabel('API key').fill('caller-key-1')
    await page.getByRole('button', { name: 'Open' }).click()
    await page.getByText('uses the profile of your API key').waitFor()
    expect(await page.getByRole('button', { name: 'Profiles' }).count()).toBe(0)
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByLabel('API key').fill('admin-key-1')
    await page.getByRole('button', { name: 'Open' }).click()
    await page.getByRole('radio', { name: /Noor/ }).waitFor()
    await page.context().close()
  })
})
