import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { loadProfile, PROFILE_EXTENSION } from '../src/profiles/files/load-profile.ts'
import type { Profile } from '../src/profiles/profile.ts'
import { profileInvalid } from '../src/profiles/profile-problem.ts'

const HELP = `Writes the rows with which "costeer eval" measures whether letters greet, sign and name people as
their writers do: each person of bench/letters/people and of profiles/ asks for the same five letters.

  npm run bench:letters -- FILE.jsonl
  costeer eval --dataset FILE.jsonl --rows 99 -n 0 --answers 100 ...`

/** Each states values that an answer can get wrong: names, numbers, days, times. */
const requests = [
  'Write an email to my dentist: my appointment on Tuesday at 3 pm has to move to Thursday at 5 pm.',
  'Write a short note to thank my neighbour Tom, who lent me his ladder for 2 weeks.',
  'Write an invitation to my friends for a dinner at my place on Saturday the 14th at 7 pm.',
  'Write a message to my landlord: the heating has been broken for 3 days, and I have called twice.',
  'Write a letter to my cousin Ruth about how my summer was.',
]

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { help: { type: 'boolean', short: 'h', default: false } },
  })
  const [file] = positionals
  if (values.help || file === undefined) return console.log(HELP)
  const people = [...(await profilesOf('profiles')), ...(await profilesOf('bench/letters/people'))]
  // Request by request, so that a run which is broken off has asked everybody something
  const rows = requests.flatMap((query, request) =>
    people.map((profile) => ({ id: `${profile.id}-${request + 1}`, query, profile })),
  )
  await writeFile(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
  console.log(`${rows.length} rows of ${people.length} people: ${file}`)
}

async function profilesOf(folder: string): Promise<Profile[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith(PROFILE_EXTENSION)).toSorted()
  return Promise.all(
    files.map(async (file) => {
      const loaded = await loadProfile(join(folder, file))
      if (loaded.type === 'loaded') return loaded.profile
      throw loaded.type === 'broken' ? profileInvalid(loaded.problems) : new Error(`${file} was not read.`)
    }),
  )
}

await main()
