/** About 1.3 tokens a word. */
const words = 'tide rope lamp stone wind glass boat chart morning letter kettle harbour winter dog'.split(' ')

/** So many facts, which begin differently in every profile, so that no other one's K/V rows fit. */
export function longProfile(id: string, facts: number) {
  return {
    id,
    name: `Person ${id}`,
    facts: Array.from({ length: facts }, (_, index) => {
      const word = (step: number) => words[(index * step + id.length + step) % words.length]
      return `Her ${word(3)} of ${1900 + index} has a ${word(5)} and a ${word(7)}`
    }),
  }
}
