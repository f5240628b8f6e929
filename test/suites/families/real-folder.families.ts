import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ModelText, readModelText } from '../../../src/models/model-text.ts'
import { KeyValueCache } from '../../../src/slm/cache/key-value-cache.ts'
import { stepTokens } from '../../../src/slm/decoder/decoder.ts'
import { DecoderSession } from '../../../src/slm/decoder/decoder-session.ts'
import { logprobsOf, topCandidates } from '../../../src/slm/decoder/top-candidates.ts'
import { openGguf } from '../../../src/slm/gguf/open-gguf.ts'
import { prepareGraph } from '../../../src/slm/graph/prepare-graph.ts'
import { openModelFolder } from '../../../src/slm/safetensors/open-model-folder.ts'
import { lab } from './llama-server.ts'
import { manyLines } from './many-lines.ts'
import { note } from './noted-differences.ts'

const file = join(lab, 'models', 'Qwen2.5-Coder-0.5B-Instruct.Q4_K_M.gguf')
/** The weights of the file, rounded to bf16, as transformers has written them. */
const folder = join(lab, 'hf', 'qwen-0.5b')

describe.skipIf(!existsSync(file) || !existsSync(folder))('Qwen2.5-Coder 0.5B as a folder of the hub', () => {
  let texts: Record<'gguf' | 'safetensors', ModelText>
  let root: string
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'qwen-'))
    texts = {
      gguf: await readModelText({ path: file, format: 'gguf' }),
      safetensors: await readModelText({ path: folder, format: 'safetensors' }),
    }
  })
  afterAll(() => rm(root, { recursive: true }))

  test('has the tokens, the template and the ends of its GGUF file', () => {
    const { gguf, safetensors } = texts
    expect(safetensors.vocabulary.size).toBe(gguf.vocabulary.size)
    expect(safetensors.vocabulary.fingerprint).toBe(gguf.vocabulary.fingerprint)
    const ends = ({ vocabulary }: ModelText) => [...vocabulary.endTokens].toSorted((a, b) => a - b)
    expect(ends(gguf)).toEqual(expect.arrayContaining(ends(safetensors)))
    // What wrote the folder left out that the model composes letters
    for (const line of manyLines(500).filter((one) => one === one.normalize('NFC')))
      expect(safetensors.tokenizer.encode(line)).toEqual(gguf.tokenizer.encode(line))
    const question = [{ role: 'user', content: 'Write a letter to a neighbour.' }] as const
    expect(safetensors.tokenizer.encodeChat(question)).toEqual(gguf.tokenizer.encodeChat(question))
  })

  test('goes on as its GGUF file does, and is as sure of it', { timeout: 1_800_000 }, async () => {
    const question = [{ role: 'user', content: 'Write a short letter to a neighbour about a dog.' }] as const
    const prompt = Int32Array.from(texts.gguf.tokenizer.encodeChat(question))
    const answers: Answer[] = []
    for (const [name, openWeights] of [
      ['gguf', () => openGguf(file)],
      ['folder', () => openModelFolder(folder)],
    ] as const) {
      const graph = await prepareGraph(join(root, name), { source: name, openWeights })
      const session = await DecoderSession.create(graph, { kind: 'logits', threads: 2 })
      answers.push(await answer(session, prompt, answers[0]?.ids))
      await session.release()
    }
    const [ofFile, ofFolder] = answers
    const apart = ofFile?.logprobs.map((logprob, at) =>
      Math.abs(logprob - (ofFolder?.logprobs[at] ?? Number.NaN)),
    )
    const mean = (apart?.reduce((sum, one) => sum + one, 0) ?? Number.NaN) / (apart?.length ?? 1)
    const same = ofFolder?.best.filter((id, at) => id === ofFile?.best[at]).length ?? 0
    await note(
      `qwen folder beside its GGUF file: ${mean.toFixed(4)} nats, ${same} of ${TOKENS} tokens likeliest`,
    )
    expect(mean).toBeLessThan(0.1)
    expect(same).toBeGreaterThan(0.9 * TOKENS)
  })
})

const TOKENS = 60

interface Answer {
  /** What was said. */
  readonly ids: readonly number[]
  /** What was likeliest in its place. */
  readonly best: readonly number[]
  readonly logprobs: readonly number[]
}

/** The likeliest tokens after a prompt and what was said, which may be another's, and how likely that was. */
async function answer(
  session: DecoderSession,
  prompt: Int32Array,
  forced: readonly number[] | undefined,
): Promise<Answer> {
  const cache = new KeyValueCache(session.shape)
  const feed = async (tokens: Int32Array) => {
    let data = new Float32Array(0)
    for (let done = 0; done < tokens.length; ) {
      const count = stepTokens(cache.length, tokens.length - done)
      const { logits } = await session.run({
        streams: [{ cache, tokens: tokens.subarray(done, done + count) }],
      })
      data = logits?.data as Float32Array<ArrayBuffer>
      done += count
    }
    return data
  }
  const best: number[] = []
  const logprobs: number[] = []
  let logits = await feed(prompt)
  for (let at = 0; at < TOKENS; at++) {
    const { ids } = topCandidates(logits, 1)
    best.push(ids[0] as number)
    const said = forced?.[at] ?? (ids[0] as number)
    logprobs.push(logprobsOf(logits, Int32Array.of(said)).logprobs[0] ?? Number.NaN)
    logits = await feed(Int32Array.of(said))
  }
  return { ids: forced ?? best, best, logprobs }
}
