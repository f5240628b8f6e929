import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadConfig } from '../../../src/config/load-config.ts'
import { readEnvironment } from '../../../src/environment.ts'
import { rowsOfProfile } from '../../../src/evaluation/dataset/own-texts.ts'
import { openLabModels } from '../../../src/evaluation/lab/lab-models.ts'
import { runLab } from '../../../src/evaluation/lab/run-lab.ts'
import { findModel } from '../../../src/models/model-folder.ts'
import { sampleProfile } from '../../profiles/sample-profile.ts'
import { temporaryFolder } from '../../setup/temporary-folder.ts'

const CONFIG = `upstreams: { big: { kind: embedded, model: qwen2.5-coder-0.5b, alignment: bytes } }
local: { model: smollm2-135m }
models: { names: { big: big } }
`
const profile = {
  ...sampleProfile(),
  history: ['the rain sings', 'the hives are full'].map((about) => ({
    task: 'Write a letter.',
    text: `Dear heart, the bees hum and ${about}. Yours in honey, Ada.`,
  })),
}

const qwenIsHere = (await findModel(readEnvironment().costeerHome, 'qwen2.5-coder-0.5b')) !== null

describe.skipIf(!qwenIsHere)('SmolLM2 as the local model of a Qwen upstream', () => {
  test('makes what the user wrote likelier, and has no likelihoods of its own', async () => {
    const folder = temporaryFolder()
    await writeFile(join(folder, 'config.yml'), CONFIG)
    const models = await openLabModels(await loadConfig(join(folder, 'config.yml')), {
      options: { environment: readEnvironment() },
    })
    const form = 'turns:texts=1'
    try {
      const { likelihoods } = await runLab({
        models,
        rows: rowsOfProfile(profile),
        systems: [
          { kind: 'local-with', form },
          { kind: 'costeer', form, strength: 0, candidates: 100 },
          { kind: 'costeer', form, strength: 0.5, candidates: 100 },
        ],
        candidates: [100],
        maxTextTokens: 24,
        maxAnswerTokens: 0,
        temperature: 0,
        gate: { epsilon: 0.1, consecutive: 3 },
        sweepForm: null,
        folder: join(folder, 'run'),
        onProgress: () => {},
        signal: new AbortController().signal,
      })
      expect(likelihoods.map(({ system }) => system)).toEqual([
        'upstream@temperature',
        `costeer ${form} c=0 K=100`,
        `costeer ${form} c=0.5 K=100`,
      ])
      const [plain, off, steered] = likelihoods
      expect(off?.rawNats).toEqual(plain?.rawNats)
      for (const [row, nats] of (steered?.rawNats ?? []).entries())
        expect(nats).toBeLessThan((plain?.rawNats[row] ?? 0) - 0.1)
    } finally {
      await models.close()
    }
  })
})
