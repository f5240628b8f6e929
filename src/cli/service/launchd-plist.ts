import { join } from 'node:path'
import { XMLBuilder } from 'fast-xml-parser'
import type { ServiceDefinition, ServicePlan } from './service-definition.ts'

const LABEL = 'costeer.gateway'

interface LaunchdPlaces {
  readonly home: string
  readonly userId: number
}

/** The service as an agent of the user's launchd. */
export function launchdPlan(definition: ServiceDefinition, { home, userId }: LaunchdPlaces): ServicePlan {
  const file = join(home, 'Library', 'LaunchAgents', `${LABEL}.plist`)
  const log = join(home, 'Library', 'Logs', 'costeer.log')
  const domain = `gui/${userId}`
  const bootout = ['launchctl', 'bootout', `${domain}/${LABEL}`] as const
  return {
    file,
    content: launchdPlist(definition, log),
    encoding: 'utf8',
    install: [['launchctl', 'bootstrap', domain, file]],
    remove: [bootout],
    afterRemoval: [],
    status: ['launchctl', 'print', `${domain}/${LABEL}`],
    runs: /^\s*state = running$/m,
    advice: `Its log: ${log}.`,
  }
}

/** The agent's file; standard output and error go to `log`. */
export function launchdPlist({ words, variables, stopSeconds }: ServiceDefinition, log: string): string {
  const entries: PlistEntries = {
    Label: LABEL,
    ProgramArguments: words,
    EnvironmentVariables: variables,
    RunAtLoad: true,
    KeepAlive: { SuccessfulExit: false },
    ExitTimeOut: stopSeconds,
    ProcessType: 'Interactive',
    StandardOutPath: log,
    StandardErrorPath: log,
    // 077, of which a plist knows no octal form
    Umask: 0o77,
  }
  const builder = new XMLBuilder({
    preserveOrder: true,
    format: true,
    ignoreAttributes: false,
    suppressBooleanAttributes: false,
    suppressEmptyNode: true,
  })
  return (
    HEAD +
    String(builder.build([{ plist: [node(entries)], ':@': { '@_version': '1.0' } }])).trimStart() +
    '\n'
  )
}

const HEAD = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
`

type PlistValue = string | number | boolean | readonly string[] | PlistEntries
interface PlistEntries {
  readonly [key: string]: PlistValue
}

function node(value: PlistValue): object {
  if (typeof value === 'string') return { string: [{ '#text': value }] }
  if (typeof value === 'number') return { integer: [{ '#text': value }] }
  if (typeof value === 'boolean') return { [String(value)]: [] }
  if (Array.isArray(value)) return { array: value.map(node) }
  return { dict: Object.entries(value).flatMap(([key, inner]) => [{ key: [{ '#text': key }] }, node(inner)]) }
}
