import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'

/** Lets the worker load onnxruntime as the gateway does, and try to open a model that does not exist. */
const program = `
  import { WorkerLink } from '${pathToFileURL('dist/slm/engine/worker-link.js')}'
  const graph = { layout: 'built', shape: {}, graphPaths: { pair: '/nowhere.onnx' } }
  const settings = { graph, kind: 'pair', threads: 1, cacheBytes: 0 }
  const link = new WorkerLink()
  await link
    .ask({ type: 'model-load', model: 1, settings }, { answer: 'done' })
    .catch((failure) => process.stdout.write(failure.message))
`

describe('the inference worker', () => {
  test('leaves no device id, no event store and no log of onnxruntime behind', async () => {
    const script = join(await mkdtemp(join(tmpdir(), 'costeer-script-')), 'load.mjs')
    await writeFile(script, program)
    const home = await mkdtemp(join(tmpdir(), 'costeer-home-'))
    const env = { PATH: process.env.PATH, HOME: home, TMPDIR: home }
    const child = spawn(process.execPath, [script], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let said = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
    await once(child, 'close')
    expect(said).toMatch(/nowhere\.onnx/)
    expect(await readdir(home)).toEqual([])
  })
})
