import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'

const people = 'Ada,Bram,Chiara,Dov,Esra,Finn,Greta,Hana'.split(',')
const places = 'Leith,Gent,Bari,Haifa,Izmir,Cork,Graz,Kobe'.split(',')

/** Writes profiles of about a hundred tokens each; returns their ids. */
export function writeShortProfiles(folder: string): Promise<string[]> {
  return Promise.all(
    people.map(async (name, index) => {
      const id = `short-${index + 1}`
      const profile = {
        id,
        name,
        facts: [
          `Lives in ${places[index]} above a bakery and repairs bicycles for a living.`,
          `Has ${index + 2} cats, sings in a choir on Thursdays, and takes the early ferry.`,
        ],
        writing_style: ['Short sentences, dry humour, and never an exclamation mark.'],
      }
      await writeFile(join(folder, `${id}.yaml`), stringify(profile))
      return id
    }),
  )
}
