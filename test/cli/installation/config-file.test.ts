import { copyFile, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { loadCommandConfig } from '../../../src/cli/installation/config-file.ts'
import { ownConfigFolder } from './own-config-folder.ts'

let folder = ''
beforeEach(() => {
  folder = ownConfigFolder()
})

const examples = ['delphine-fontenot.yaml', 'hamish-baird.yaml', 'noor-lindqvist.yaml']

describe('the configuration of a command', () => {
  test('is the option, else COSTEER_CONFIG, else the shipped one where nobody wrote one', async () => {
    const fileOf = async (option?: string) => (await loadCommandConfig(option)).file
    expect(await fileOf()).toMatch(/config[\\/]default\.yaml$/)
    const [named, variable] = [join(folder, 'option.yaml'), join(folder, 'variable.yaml')]
    for (const file of [named, variable]) await copyFile('config/default.yaml', file)
    vi.stubEnv('COSTEER_CONFIG', variable)
    expect(await fileOf()).toBe(variable)
    expect(await fileOf(named)).toBe(named)
  })

  test("has its profiles in the user's folder when an installed package runs with the shipped one", async () => {
    const profileFolder = join(folder, 'costeer/profiles')
    expect((await loadCommandConfig(undefined, { installed: true, seed: false })).profileFolder).toBe(
      profileFolder,
    )
    expect(await readdir(folder)).toEqual([])
    await loadCommandConfig(undefined, { installed: true })
    expect((await readdir(profileFolder)).sort()).toEqual(examples)
    await rm(join(profileFolder, 'noor-lindqvist.yaml'))
    await loadCommandConfig(undefined, { installed: true })
    expect((await readdir(profileFolder)).length).toBe(2)
  })

  test('has them in the clone when it runs from there', async () => {
    expect((await loadCommandConfig(undefined)).profileFolder).toMatch(/[\\/]profiles$/)
    expect(await readdir(folder)).toEqual([])
  })
})
