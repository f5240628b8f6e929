/** One instruction of a Dockerfile, with its continued lines joined. */
interface Instruction {
  /** Upper case: `RUN`, `COPY`. */
  readonly keyword: string
  readonly text: string
}

export interface Stage {
  readonly name: string
  readonly image: string
  readonly instructions: readonly Instruction[]
}

/** The stages of a Dockerfile, in order. Throws for what this project's Dockerfile has no use for. */
export function parseDockerfile(source: string): readonly Stage[] {
  const stages: { name: string; image: string; instructions: Instruction[] }[] = []
  for (const { keyword, text } of instructionsOf(source)) {
    const from = keyword === 'FROM' ? /^(\S+) AS (\S+)$/.exec(text) : null
    if (from) stages.push({ image: from[1] ?? '', name: from[2] ?? '', instructions: [] })
    else if (keyword === 'FROM' || stages.length === 0) throw new Error(`Unexpected: ${keyword} ${text}`)
    else stages.at(-1)?.instructions.push({ keyword, text })
  }
  return stages
}

/** What the instructions with this keyword say, in order. */
export function textsOf(stage: Stage, keyword: string): readonly string[] {
  return stage.instructions.filter((one) => one.keyword === keyword).map(({ text }) => text)
}

/** The variables that the `ENV NAME=value …` instructions set. */
export function environmentOf(stage: Stage): Readonly<Record<string, string>> {
  return Object.fromEntries(
    textsOf(stage, 'ENV').flatMap((text) =>
      text.split(/\s+/).map((pair) => pair.split('=') as [string, string]),
    ),
  )
}

/** `COPY [--from=STAGE] SOURCE… TARGET` in its parts. */
export function copyOf(text: string): { from: string | null; sources: readonly string[]; target: string } {
  const words = text.split(/\s+/)
  const flag = words[0]?.startsWith('--from=') ? words.shift() : undefined
  const target = words.pop() ?? ''
  return { from: flag?.slice('--from='.length) ?? null, sources: words, target }
}

/** Comment lines may stand between continued lines, as in Docker. */
function* instructionsOf(source: string): Generator<Instruction> {
  let pending = ''
  for (const line of source.split('\n')) {
    if (/^\s*(#|$)/.test(line)) continue
    const continued = line.endsWith('\\')
    pending += `${pending === '' ? '' : ' '}${line.replace(/\\$/, '').trim()}`
    if (continued) continue
    const [, keyword = '', text = ''] = /^([A-Za-z]+)\s+(.*)$/.exec(pending) ?? []
    yield { keyword: keyword.toUpperCase(), text }
    pending = ''
  }
}
