import { join } from 'node:path'
import type { ServiceDefinition, ServicePlan } from './service-definition.ts'

const UNIT = 'costeer.service'

/** The service as a unit of the user's systemd. `configFolder`: `~/.config`, or XDG_CONFIG_HOME. */
export function systemdPlan(definition: ServiceDefinition, configFolder: string): ServicePlan {
  const systemctl = (...parameters: string[]) => ['systemctl', '--user', ...parameters] as const
  return {
    file: join(configFolder, 'systemd', 'user', UNIT),
    content: systemdUnit(definition),
    encoding: 'utf8',
    install: [
      systemctl('daemon-reload'),
      systemctl('enable', UNIT),
      // Also where it runs already, with what stood in the file before
      systemctl('restart', UNIT),
    ],
    remove: [systemctl('disable', '--now', UNIT)],
    afterRemoval: [systemctl('daemon-reload')],
    status: systemctl('is-active', UNIT),
    runs: /^active/,
    advice:
      'Its log: journalctl --user -u costeer. It ends when you log out, unless you run once: loginctl enable-linger',
  }
}

/** The unit's file. */
export function systemdUnit({ words, variables, stopSeconds }: ServiceDefinition): string {
  const environment = Object.entries(variables).map(
    ([name, value]) => `Environment=${quoted(`${name}=${value}`)}`,
  )
  return [
    '# Written by "costeer service install".',
    '[Unit]',
    'Description=CoSteer gateway',
    '',
    '[Service]',
    // In a command a dollar begins a variable, and in an assignment it does not
    `ExecStart=${words.map((word) => quoted(word).replaceAll('$', '$$$$')).join(' ')}`,
    ...environment,
    'Restart=on-failure',
    'RestartSec=5',
    `TimeoutStopSec=${stopSeconds}`,
    'NoNewPrivileges=true',
    'UMask=0077',
    '',
    '[Install]',
    'WantedBy=default.target',
    '',
  ].join('\n')
}

/** As systemd reads a word back, whatever is in it. */
function quoted(word: string): string {
  const escaped = word
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('\n', '\\n')
    .replaceAll('%', '%%')
  return `"${escaped}"`
}
