import { type Command, InvalidArgumentError } from 'commander'
import { readEnvironment } from '../environment.ts'
import { GatewayError } from '../gateway-error.ts'
import { diagnose } from './doctor/diagnose.ts'
import type { Finding } from './doctor/finding.ts'
import { loadCommandConfig } from './installation/config-file.ts'
import { writeJson, writeLine } from './terminal/command-output.ts'
import { type Paint, paintFor } from './terminal/terminal-style.ts'

interface DoctorOptions {
  readonly config?: string
  /** Seconds. */
  readonly timeout: number
  readonly json: boolean
}

/**
 * `costeer doctor`: says what is missing before a start, and what to do. Rejects with GatewayError when a
 * check fails.
 */
export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description(
      'Check configuration, models, profiles, port and upstreams. Exit code 1 when something fails.',
    )
    .option('-c, --config <file>', 'configuration file (COSTEER_CONFIG; default: the one of "serve")')
    .option('--timeout <seconds>', 'longest wait for an upstream', seconds, 60)
    .option('--json', 'print JSON', false)
    .action(doctor)
}

async function doctor(options: DoctorOptions, command: Command): Promise<void> {
  const paint = paintFor(process.stdout)
  const findings: Finding[] = []
  const checks = diagnose({
    environment: readEnvironment(),
    loadConfig: () => loadCommandConfig(options.config, { seed: false }),
    timeoutMs: options.timeout * 1000,
  })
  for await (const finding of checks) {
    findings.push(finding)
    if (!options.json) writeLine(command, findingText(finding, paint))
  }
  const failures = findings.filter(({ status }) => status === 'fail').length
  if (options.json) writeJson(command, { ok: failures === 0, findings })
  if (failures === 0) return
  const message = `${failures} of ${findings.length} checks failed. What to do stands beside each of them.`
  throw new GatewayError('config_invalid', message)
}

const styles = { ok: 'green', warn: 'yellow', fail: 'red' } as const

function findingText({ check, status, message, fix }: Finding, paint: Paint): string {
  const text = `${check}: ${message}${fix === undefined ? '' : ` ${fix}`}`
  return `${paint(styles[status], status.padEnd(4))}  ${text.replaceAll('\n', '\n      ')}`
}

function seconds(text: string): number {
  const value = Number(text)
  if (!(value > 0 && value <= 3600)) throw new InvalidArgumentError('Give a number above 0, up to 3600.')
  return value
}
