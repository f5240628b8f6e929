import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'

const people = 'Ada,Bram,Chiara,Dov,Esra,Finn,Greta,Hana'.split(',')
const places = 'Leith,Gent,Bari,Haifa,Izmir,Cork,Graz,Kobe'.split(',')

/** Writes profiles of about a hundred tokens each, eight unless told; returns their ids. */
export async function writeShortProfiles(folder: string, count = people.length): Promise<string[]> {
  const ids: string[] = []
  for (let index = 0; index < count; index++) ids.push(await writeShortProfile(folder, index))
  return ids
}

/** Writes one of them, with further facts behind its own, and returns its id. */
export async function writeShortProfile(
  folder: string,
  index: number,
  furtherFacts: readonly string[] = [],
): Promise<string> {
  const id = `short-${index + 1}`
  const profile = {
    id,
    name: people[index % people.length],
    facts: [
      `Lives in ${places[index % places.length]} above a bakery and repairs bicycles for a living.`,
      `Has ${index + 2} cats, sings in a choir on Thursdays, and takes the early ferry.`,
      ...furtherFacts,
    ],
    writing_style: ['Short sentences, dry humour, and never an exclamation mark.'],
  }
  await writeFile(join(folder, `${id}.yaml`), stringify(profile))
  return id
}
