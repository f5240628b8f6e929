import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'

const PEOPLE = 'Ada,Bram,Chiara,Dov,Esra,Finn,Greta,Hana'.split(',')
const PLACES = 'Leith,Gent,Bari,Haifa,Izmir,Cork,Graz,Kobe'.split(',')

/** Writes profiles of about a hundred tokens each; returns their ids. */
export const writeShortProfiles = (folder: string): Promise<string[]> =>
  Promise.all(
    PEOPLE.map(async (name, index) => {
      const id = `short-${index + 1}`
      const profile = {
        id,
        name,
        facts: [
          `Lives in ${PLACES[index]} above a bakery and repairs bicycles for a living.`,
          `Has ${index + 2} cats, sings in a choir on Thursdays, and takes the early ferry.`,
        ],
        writing_style: ['Short sentences, dry humour, and never an exclamation mark.'],
      }
      await writeFile(join(folder, `${id}.yaml`), stringify(profile))
      return id
    }),
  )
