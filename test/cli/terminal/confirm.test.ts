import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { confirm } from '../../../src/cli/terminal/confirm.ts'

function terminal(typed: string, isTTY = true) {
  const input = Object.assign(new PassThrough(), { isTTY })
  input.end(typed)
  const output = new PassThrough()
  return { input, output }
}

test.each([
  ['y\n', true],
  ['Yes\n', true],
  ['\n', false],
  ['no\n', false],
  ['yesterday\n', false],
])('takes %j for %s', async (typed, answer) => {
  const asked = terminal(typed)
  expect(await confirm('Add them?', { option: '--yes', terminal: asked })).toBe(answer)
  expect(String(asked.output.read())).toContain('Add them? [y/N]')
})

test('names the option where nobody can be asked', async () => {
  const asked = confirm('Add them?', { option: '--yes', terminal: terminal('', false) })
  await expect(asked).rejects.toMatchObject({ message: expect.stringContaining('--yes') })
})
