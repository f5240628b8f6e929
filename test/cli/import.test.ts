import { beforeEach, describe, expect, test } from 'vitest'
import { tinyFolder } from '../slm/safetensors/tiny-folder.ts'
import { ownHome } from './own-home.ts'
import { runCommand } from './run-command.ts'

let file = ''
beforeEach(() => {
  file = ownHome().file
})

describe('costeer import', () => {
  test('says under which name the model is ready', async () => {
    const { out } = await runCommand('import', file, '--name', 'mine', '--no-prepare')
    expect(out).toContain('mine is ready')
  })

  test('takes a folder of the hub as it takes a file', async () => {
    const { folder: model, remove } = await tinyFolder('qwen2')
    const { out } = await runCommand('import', model)
    expect(out).toContain('local: { model: tiny-folder }')
    remove()
  })

  test('prints the imported model as JSON', async () => {
    const { out } = await runCommand('import', file, '--no-prepare', '--json')
    expect(JSON.parse(out)).toMatchObject({ name: 'tiny' })
  })
})
