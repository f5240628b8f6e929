import { join } from 'node:path'
import { XMLBuilder } from 'fast-xml-parser'
import type { ServiceDefinition, ServicePlan } from './service-definition.ts'

const TASK = 'CoSteer gateway'

interface WindowsPlaces {
  /** Where the user's configuration is. */
  readonly configHome: string
  readonly userName: string
}

/** The service as a task that starts when the user logs on. */
export function windowsPlan(
  definition: ServiceDefinition,
  { configHome, userName }: WindowsPlaces,
): ServicePlan {
  const file = join(configHome, 'service.xml')
  // A task has none of its own, but those of its user
  const setx = Object.entries(definition.variables).map(
    ([name, value]) => ` Set for your user: setx ${name} ${windowsWord(value)}.`,
  )
  const task = ['/TN', TASK] as const
  return {
    file,
    content: windowsTask(definition, userName),
    // The only encoding that every version of schtasks takes
    encoding: 'utf16le',
    install: [
      ['schtasks', '/Create', ...task, '/XML', file, '/F'],
      ['schtasks', '/Run', ...task],
    ],
    remove: [
      ['schtasks', '/End', ...task],
      ['schtasks', '/Delete', ...task, '/F'],
    ],
    afterRemoval: [],
    // The names of states that schtasks prints depend on the language
    status: ['powershell', '-NoProfile', '-Command', `(Get-ScheduledTask -TaskName '${TASK}').State`],
    runs: /^Running/,
    advice:
      'It has a window of its own, with the log. To end it, "costeer service remove", not the window.' +
      setx.join(''),
  }
}

/** The task's file, by version 1.2 of the scheduler's schema. */
export function windowsTask({ words }: ServiceDefinition, userName: string): string {
  const [program = '', ...parameters] = words
  const task = {
    '@_version': '1.2',
    '@_xmlns': 'http://schemas.microsoft.com/windows/2004/02/mit/task',
    RegistrationInfo: { Description: 'Written by "costeer service install".' },
    // For everybody's logon it would take an administrator
    Triggers: { LogonTrigger: { Enabled: true, UserId: userName } },
    Principals: {
      Principal: {
        '@_id': 'Author',
        UserId: userName,
        LogonType: 'InteractiveToken',
        RunLevel: 'LeastPrivilege',
      },
    },
    Settings: {
      MultipleInstancesPolicy: 'IgnoreNew',
      DisallowStartIfOnBatteries: false,
      StopIfGoingOnBatteries: false,
      ExecutionTimeLimit: 'PT0S',
      RestartOnFailure: { Interval: 'PT1M', Count: 3 },
    },
    Actions: {
      '@_Context': 'Author',
      Exec: { Command: program, Arguments: parameters.map(windowsWord).join(' ') },
    },
  }
  const builder = new XMLBuilder({
    ignoreAttributes: false,
    suppressBooleanAttributes: false,
    format: true,
  })
  return `<?xml version="1.0" encoding="UTF-16"?>\n${builder.build({ Task: task })}`
}

/** As programs of Windows read a word back from their command line. */
function windowsWord(word: string): string {
  if (/^[\w@+:,./\\=-]+$/.test(word)) return word
  return `"${word.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, '$1$1')}"`
}
