import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { OpenAnswers } from '../../../src/gateway/answering/open-answers.ts'
import { ProfileWarmer } from '../../../src/gateway/opening/profile-warmer.ts'
import { ProfileStore } from '../../../src/profiles/profile-store.ts'
import type { Tokenizer } from '../../../src/slm/text/tokenizer.ts'
import type { LocalContinuation, LocalPair, LocalPrompts, LocalRow } from '../../../src/steer/local-pair.ts'
import { type TokenId, tokenId } from '../../../src/steer/token-id.ts'
import { sampleProfile } from '../../profiles/sample-profile.ts'
import { temporaryFolder } from '../../setup/temporary-folder.ts'

/** One token for each character, so that prompts can be read. */
const tokenizer: Tokenizer = {
  promptStart: [],
  encode: (text) => Array.from(text, (character) => tokenId(character.codePointAt(0) ?? 0)),
  encodePrompt: (text) => tokenizer.encode(text),
  encodeChat: (messages) => tokenizer.encode(messages.map(({ content }) => `<${content}>`).join('')),
}
function textOf(tokens: readonly TokenId[]) {
  return String.fromCodePoint(...tokens)
}

interface Opening {
  readonly prompts: LocalPrompts
  /** Whose it stays on disk as, once it is closed; null for nobody's. */
  keptFor?: string | null
  finish(): Promise<void>
}

/** A pair whose prompts take until the test says so; of those, some came from disk. */
function slowPair({ keptTokens = 0 } = {}) {
  const openings: Opening[] = []
  /** What the pair was told of what stays on disk. */
  const told: string[] = []
  const pair: LocalPair = {
    contextTokens: 8192,
    open(prompts) {
      return new Promise<LocalContinuation>((resolve, reject) => {
        prompts.signal.addEventListener('abort', () => reject(prompts.signal.reason))
        const finish = async () => {
          resolve({
            root: {} as LocalRow,
            prefill: {
              cachedTokens: keptTokens,
              keptTokens,
              computedTokens: prompts.with.length - keptTokens,
            },
            feed: async () => [],
            feedTree: async () => [],
            retain: () => {},
            close: (keeping) => {
              opening.keptFor = keeping?.keepFor ?? null
            },
          })
          await new Promise(setImmediate)
        }
        const opening: Opening = { prompts, finish }
        openings.push(opening)
      })
    },
    kept: {
      renew: (owner) => void told.push(`renew ${owner}`),
      trim: (owners) => void told.push(`trim to ${owners.join(' and ') || 'nothing'}`),
    },
    close: async () => {},
  }
  return { pair, openings, told }
}

function answerPrompts(): LocalPrompts {
  return {
    with: [tokenId(1)],
    without: [tokenId(1)],
    strength: 1,
    signal: new AbortController().signal,
  }
}

const mostTokens = Number.POSITIVE_INFINITY

describe('warming profiles', () => {
  const ada = sampleProfile({ id: 'ada', facts: ['Ada sails.'], history: [] })
  const bob = sampleProfile({ id: 'bob', facts: ['Bob bakes.'], history: [] })

  test('computes the prompts that conversations begin with, one profile after the other', async () => {
    const { pair, openings } = slowPair()
    const answers = new OpenAnswers(pair)
    const warmer = new ProfileWarmer({ pair, tokenizer, answers, mostTokens })
    warmer.warm(ada)
    warmer.warm(bob)
    expect(openings).toHaveLength(1)
    expect(textOf(openings[0]?.prompts.with ?? [])).toContain('Ada sails.')
    expect(textOf(openings[0]?.prompts.without ?? [])).not.toContain('sails')
    await openings[0]?.finish()
    expect(openings).toHaveLength(2)
    await openings[1]?.finish()
    expect(openings).toHaveLength(2)
  })

  test('an answer interrupts it, and it goes on once no answer is open', async () => {
    const { pair, openings } = slowPair()
    const answers = new OpenAnswers(pair)
    const warmer = new ProfileWarmer({ pair, tokenizer, answers, mostTokens })
    warmer.warm(ada)
    const opening = [answers.pair.open(answerPrompts()), answers.pair.open(answerPrompts())]
    expect(openings[0]?.prompts.signal.aborted).toBe(true)
    await openings[1]?.finish()
    await openings[2]?.finish()
    const [first, second] = await Promise.all(opening)
    first?.close()
    first?.close()
    expect(openings).toHaveLength(3)
    second?.close()
    expect(openings).toHaveLength(4)
    expect(openings[3]?.prompts.with).toEqual(openings[0]?.prompts.with)
  })

  test('an answer that cannot open lets it go on', async () => {
    const { pair, openings } = slowPair()
    const answers = new OpenAnswers(pair)
    const warmer = new ProfileWarmer({ pair, tokenizer, answers, mostTokens })
    warmer.warm(ada)
    const leaving = new AbortController()
    const answer = answers.pair.open({ ...answerPrompts(), signal: leaving.signal })
    leaving.abort(new Error('client gone'))
    await expect(answer).rejects.toThrow('client gone')
    expect(openings).toHaveLength(3)
  })

  test('says once that all is warmed, not while an answer is open', async () => {
    const { pair, openings } = slowPair()
    const answers = new OpenAnswers(pair)
    let told = 0
    const onWarmed = () => void told++
    const warmer = new ProfileWarmer({ pair, tokenizer, answers, mostTokens, onWarmed })
    warmer.warm(ada)
    const opening = answers.pair.open(answerPrompts())
    await openings[1]?.finish()
    expect(told).toBe(0)
    const answer = await opening
    answer.close()
    warmer.warm(bob)
    await openings[2]?.finish()
    expect(told).toBe(0)
    await openings[3]?.finish()
    expect(told).toBe(1)
    const next = answers.pair.open(answerPrompts())
    await openings[4]?.finish()
    ;(await next).close()
    expect(told).toBe(1)
  })

  test('a profile that changes while it is computed is computed again', async () => {
    const { pair, openings } = slowPair()
    const answers = new OpenAnswers(pair)
    const warmer = new ProfileWarmer({ pair, tokenizer, answers, mostTokens })
    warmer.warm(ada)
    warmer.warm(sampleProfile({ facts: ['Ada flies.'] }))
    await openings[0]?.finish()
    expect(textOf(openings[1]?.prompts.with ?? [])).toContain('Ada flies.')
  })

  test('of a folder the likeliest come first, and four in all', async () => {
    const { pair, openings } = slowPair()
    const warmer = new ProfileWarmer({ pair, tokenizer, answers: new OpenAnswers(pair), mostTokens })
    const folder = await mkdtemp(join(tmpdir(), 'costeer-warm-'))
    const facts = ['ann', 'ben', 'cleo', 'dan', 'eve', 'fay'].map((id) => [id, `${id} sings.`] as const)
    for (const [id, fact] of facts)
      await writeFile(join(folder, `${id}.yaml`), `id: ${id}\nname: ${id}\nfacts: [${fact}]\n`)
    const store = await ProfileStore.open(folder, { watch: false })
    warmer.follow(store, ['none', 'eve'])
    for (let next = 0; openings[next] !== undefined; next++) await openings[next]?.finish()
    const warmed = openings.map(({ prompts }) => /\w+(?= sings)/.exec(textOf(prompts.with))?.[0])
    expect(warmed).toEqual(['eve', 'ann', 'ben', 'cleo'])
    await store.close()
    await rm(folder, { recursive: true })
  })

  test('of the likeliest, what its past texts were asked for is computed as well, of others the beginning', async () => {
    const { pair, openings } = slowPair()
    const warmer = new ProfileWarmer({ pair, tokenizer, answers: new OpenAnswers(pair), mostTokens })
    const folder = await mkdtemp(join(tmpdir(), 'costeer-warm-'))
    const history = ['bees', 'looms', 'sheds', 'ropes'].map(
      (thing) => `{task: Praise ${thing}, text: Ah ${thing}}`,
    )
    for (const id of ['ann', 'ben'])
      await writeFile(
        join(folder, `${id}.yaml`),
        `id: ${id}\nname: ${id}\nhistory: [${history.join(', ')}]\n`,
      )
    const store = await ProfileStore.open(folder, { watch: false })
    warmer.follow(store, ['ben'])
    for (let next = 0; openings[next] !== undefined; next++) await openings[next]?.finish()
    const shown = openings.map(({ prompts }) =>
      textOf(prompts.with)
        .match(/ben|ann|(?<=Ah )\w+/g)
        ?.join(' '),
    )
    expect(shown).toEqual([
      'ben',
      'ben bees looms',
      'ben bees sheds',
      'ben bees ropes',
      'ann',
      'ann bees looms',
    ])
    await store.close()
    await rm(folder, { recursive: true })
  })

  test('it ends where profiles have taken their share of the cache', async () => {
    const { pair, openings } = slowPair()
    const warmer = new ProfileWarmer({ pair, tokenizer, answers: new OpenAnswers(pair), mostTokens: 20 })
    warmer.warm(ada)
    warmer.warm(bob)
    await openings[0]?.finish()
    expect(openings).toHaveLength(1)
  })

  test('nothing is begun after it was closed', async () => {
    const { pair, openings } = slowPair()
    const answers = new OpenAnswers(pair)
    const warmer = new ProfileWarmer({ pair, tokenizer, answers, mostTokens })
    warmer.warm(ada)
    warmer.close()
    expect(openings[0]?.prompts.signal.aborted).toBe(true)
    warmer.warm(bob)
    await new Promise(setImmediate)
    expect(openings).toHaveLength(1)
  })
})

describe('what stays on disk of profiles', () => {
  const ada = sampleProfile({ id: 'ada', facts: ['Ada sails.'], history: [] })
  const bob = sampleProfile({ id: 'bob', facts: ['Bob bakes.'], history: [] })

  function warming(options?: Parameters<typeof slowPair>[0], most = mostTokens) {
    const { pair, openings, told } = slowPair(options)
    const answers = new OpenAnswers(pair)
    const warmer = new ProfileWarmer({ pair, tokenizer, answers, mostTokens: most })
    return { warmer, answers, openings, told }
  }

  test("are their beginnings, each as its profile's, and when all are warmed the rest goes", async () => {
    const { warmer, openings, told } = warming()
    warmer.warm(ada)
    warmer.warm(bob)
    await openings[0]?.finish()
    expect(told).toEqual(['renew ada', 'renew bob'])
    await openings[1]?.finish()
    expect(openings.map(({ keptFor }) => keptFor)).toEqual(['ada', 'bob'])
    expect(told.slice(2)).toEqual(['trim to ada and bob'])
  })

  test('is nothing of an answer, however it is closed', async () => {
    const { answers, openings } = warming()
    const opening = answers.pair.open(answerPrompts())
    await openings[0]?.finish()
    ;(await opening).close({ keepFor: 'ada' })
    expect(openings[0]?.keptFor).toBeNull()
    expect(answers.pair.kept).toBeUndefined()
  })

  test('is nothing of a version that was replaced while it was read', async () => {
    const { warmer, openings, told } = warming()
    warmer.warm(ada)
    warmer.warm(sampleProfile({ id: 'ada', facts: ['Ada flies.'], history: [] }))
    await openings[0]?.finish()
    await openings[1]?.finish()
    expect(openings.map(({ keptFor }) => keptFor)).toEqual([null, 'ada'])
    expect(told).toEqual(['renew ada', 'renew ada', 'trim to ada'])
  })

  test('is nothing of a profile for which there was no room', async () => {
    const { warmer, openings, told } = warming({}, 20)
    warmer.warm(ada)
    warmer.warm(bob)
    await openings[0]?.finish()
    expect(told.at(-1)).toBe('trim to ada')
  })

  test('takes as much room, found or computed', async () => {
    const { warmer, openings } = warming({ keptTokens: 30 }, 25)
    warmer.warm(ada)
    warmer.warm(bob)
    await openings[0]?.finish()
    expect(openings).toHaveLength(1)
  })

  test('goes with its profile, and of an empty folder all goes', async () => {
    const folder = temporaryFolder()
    for (const { id, name } of [ada, bob])
      await writeFile(join(folder, `${id}.yaml`), `id: ${id}\nname: ${name}\n`)
    const store = await ProfileStore.open(folder, { watch: false })
    const { warmer, openings, told } = warming()
    warmer.follow(store, [])
    for (let next = 0; openings[next] !== undefined; next++) await openings[next]?.finish()
    await rm(join(folder, 'bob.yaml'))
    await store.reload()
    expect(told.slice(-2)).toEqual(['renew bob', 'trim to ada'])
    await rm(join(folder, 'ada.yaml'))
    const later = warming()
    later.warmer.follow(await ProfileStore.open(folder, { watch: false }), [])
    expect(later.told).toEqual(['trim to nothing'])
    store.close()
  })

  test('goes with a profile that is removed while it is read', async () => {
    const folder = temporaryFolder()
    await writeFile(join(folder, 'ada.yaml'), 'id: ada\nname: Ada\n')
    const store = await ProfileStore.open(folder, { watch: false })
    const { warmer, openings, told } = warming()
    warmer.follow(store, [])
    await rm(join(folder, 'ada.yaml'))
    await store.reload()
    await openings[0]?.finish()
    expect(openings.map(({ keptFor }) => keptFor)).toEqual([null])
    expect(told.at(-1)).toBe('trim to nothing')
    store.close()
  })
})
