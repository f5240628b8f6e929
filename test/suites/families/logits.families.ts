import { writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { logitsWith, type PreparedFamily, prepareFamily } from '../../slm/families/prepared-family.ts'
import {
  familyTokens,
  meanDifference,
  type RecordedLogits,
  recordedPositions,
  recordingOf,
} from '../../slm/families/recorded-logits.ts'
import { tinyFamilies } from '../../slm/families/tiny-families.ts'
import { llamaServerIsHere, startLlamaServer } from './llama-server.ts'
import { note } from './noted-differences.ts'

/** COSTEER_RECORD=1 keeps what the server says for tests that run without one. */
const records = process.env.COSTEER_RECORD === '1'

describe.skipIf(!llamaServerIsHere).each(Object.entries(tinyFamilies))(
  '%s beside llama-server',
  (name, family) => {
    let prepared: PreparedFamily
    let said: RecordedLogits

    beforeAll(async () => {
      prepared = await prepareFamily(family)
      const server = await startLlamaServer(prepared.file)
      const rows: [number[], number[]][] = []
      for (const position of recordedPositions) {
        const [ids, logprobs] = await server.top(familyTokens.subarray(0, position + 1), 20)
        rows.push([ids, logprobs])
      }
      said = { build: server.build, rows }
      await server.stop()
      if (records) await writeFile(recordingOf(name), written(said))
    })
    afterAll(() => prepared.remove())

    test.each([
      ['float32', 0.02],
      [8, 0.15],
    ] as const)('its log-probabilities are the same but for rounding: %s', async (precision, most) => {
      const logits = await logitsWith(prepared, { precision, tokens: familyTokens })
      const difference = meanDifference(logits, said)
      await note(`${name} ${precision}: ${difference.toFixed(4)} nats`)
      expect(difference).toBeLessThan(most)
    })
  },
)

function written({ build, rows }: RecordedLogits): string {
  const lines = rows.map((row) => `    ${JSON.stringify(row)}`).join(',\n')
  return `{\n  "build": ${JSON.stringify(build)},\n  "rows": [\n${lines}\n  ]\n}\n`
}
