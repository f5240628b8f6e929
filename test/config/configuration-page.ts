import { z } from 'zod'
import { configSchema } from '../../src/config/schema.ts'
import { environmentSchema } from '../../src/environment.ts'

/** What the page reads of a JSON schema. */
interface Node {
  readonly type?: string
  readonly description?: string
  readonly default?: unknown
  readonly const?: unknown
  readonly enum?: readonly string[]
  readonly format?: string
  readonly pattern?: string
  readonly minimum?: number
  readonly exclusiveMinimum?: number
  readonly maximum?: number
  readonly exclusiveMaximum?: number
  readonly minLength?: number
  readonly properties?: Readonly<Record<string, Node>>
  readonly required?: readonly string[]
  readonly items?: Node
  readonly additionalProperties?: Node | boolean
  readonly anyOf?: readonly Node[]
  readonly oneOf?: readonly Node[]
}

interface Row {
  readonly key: string
  readonly node: Node
  readonly required: boolean
}

/** The JSON schema of configuration files, without limits that are those of the number format only. */
export function configJsonSchema(): string {
  const schema = z.toJSONSchema(configSchema, { io: 'input' })
  const text = JSON.stringify(
    { title: 'Configuration of the CoSteer gateway', ...schema },
    omitFormatLimit,
    2,
  )
  return `${text}\n`
}

function omitFormatLimit(key: string, value: unknown): unknown {
  return key === 'maximum' && value === Number.MAX_SAFE_INTEGER ? undefined : value
}

/** `docs/configuration.md`, whole. */
export function configurationPage(): string {
  const root: Node = JSON.parse(configJsonSchema())
  const sections = Object.entries(root.properties ?? {}).flatMap(([name, node]) => section(name, node))
  return [
    ...introduction,
    ...sections,
    '## Environment',
    '',
    '| variable | meaning |',
    '|---|---|',
    ...Object.entries(environmentSchema.shape).map(
      ([name, { description }]) => `| \`${name}\` | ${description} |`,
    ),
    '',
    "Besides, `api_key_env` names variables of your own, and the user's own pip heeds its variables when it fetches a model.",
    '',
  ].join('\n')
}

const introduction = [
  '# Configuration',
  '',
  '<!-- Made by "npm run docs" from src/config/schema.ts, src/config/local-settings.ts, src/upstream/kinds.ts and src/environment.ts. Edit those. -->',
  '',
  "One YAML file. A command takes the one of its `--config` option, else of `COSTEER_CONFIG`, else `config.yaml` in the user's configuration",
  'folder (`~/.config/costeer` on Linux; `costeer init` writes it), else the one that comes with the program, `config/default.yaml`. An installed',
  "package that runs with the last one keeps profiles in `profiles` of that folder of the user's, where it puts three invented people at first.",
  '',
  'Every key has a default but `upstreams`. Unknown keys are errors, named with file and line. `config/schema.json` is the JSON schema of this',
  'page, for editors: put `# yaml-language-server: $schema=PATH` in the first line. `costeer doctor` checks a file with all it refers to.',
  '',
]

function section(name: string, node: Node): string[] {
  const head = [`## ${name}`, '', node.description ?? '', '']
  const map = node.additionalProperties
  if (node.oneOf === undefined && typeof map !== 'object') return [...head, ...table(linesOf(node)), '']
  const alternatives = node.oneOf ?? (typeof map === 'object' ? (map.oneOf ?? [map]) : [])
  const kinds = alternatives.map((kind) => {
    const { kind: title, ...properties } = kind.properties ?? {}
    return { title, lines: linesOf({ ...kind, properties }) }
  })
  const served = kinds.filter(({ lines }) => lines.some((line) => line.startsWith('| `url` |')))
  // A single kind of server shares its keys with none.
  const servers = served.length > 1 ? served : []
  const [first] = servers
  const common = (first?.lines ?? []).filter((line) => servers.every(({ lines }) => lines.includes(line)))
  const own = kinds.flatMap((kind) => {
    const { title, lines } = kind
    const left = servers.includes(kind) ? lines.filter((line) => !common.includes(line)) : lines
    return [`\`kind: ${String(title?.const)}\`: ${title?.description ?? ''}`, '', ...table(left), '']
  })
  if (common.length === 0) return [...head, ...own]
  return [...head, ...own, 'All kinds of server have these keys too:', '', ...table(common), '']
}

function table(lines: readonly string[]): string[] {
  return ['| key | values | default | meaning |', '|---|---|---|---|', ...lines]
}

function linesOf(node: Node): string[] {
  return rowsOf(node).map(({ key, node: { default: standard, ...value }, required }) => {
    const otherwise =
      standard === undefined ? (required ? 'required' : '') : `\`${JSON.stringify(standard)}\``
    return `| \`${key}\` | ${valuesOf(value)} | ${otherwise.replaceAll('"', '')} | ${value.description ?? ''} |`
  })
}

/** The keys of an object and of the objects in it, dotted. */
function rowsOf({ properties = {}, required = [] }: Node, prefix = ''): Row[] {
  return Object.entries(properties).flatMap(([name, node]) => {
    const key = `${prefix}${name}`
    const inner = [node, ...(node.anyOf ?? [])].flatMap((part) => rowsOf(part, `${key}.`))
    const items = node.items === undefined ? [] : rowsOf(node.items, `${key}[].`)
    return [{ key, node, required: required.includes(name) }, ...inner, ...items]
  })
}

function valuesOf(node: Node): string {
  const alternatives = node.anyOf ?? node.oneOf
  if (alternatives !== undefined) return alternatives.map(valuesOf).join(', ')
  if (node.const !== undefined) return `\`${String(node.const)}\``
  if (node.enum !== undefined) return node.enum.map((value) => `\`${value}\``).join(', ')
  if (node.type === 'integer' || node.type === 'number')
    return [node.type, rangeOf(node)].filter(Boolean).join(' ')
  if (node.type === 'string')
    return node.format === 'uri' ? 'URL' : (node.pattern && `\`${node.pattern}\``) || 'text'
  if (node.type === 'array') return node.items?.type === 'string' ? 'list of texts' : 'list'
  if (node.type !== 'object') return node.type ?? ''
  const { additionalProperties: values } = node
  if (typeof values !== 'object') return 'section'
  return values.type === 'string' ? 'map from text to text' : 'map'
}

function rangeOf({ minimum, exclusiveMinimum, maximum, exclusiveMaximum }: Node): string {
  const parts = [
    minimum !== undefined && `from ${minimum}`,
    exclusiveMinimum !== undefined && `above ${exclusiveMinimum}`,
    maximum !== undefined && `to ${maximum}`,
    exclusiveMaximum !== undefined && `below ${exclusiveMaximum}`,
  ]
  return parts.filter((part) => part !== false).join(' ')
}
