import { parse } from 'plist'
import { expect, test } from 'vitest'
import { launchdPlan, launchdPlist } from '../../../src/cli/service/launchd-plist.ts'

const words = ['/usr/local/bin/node', '/Users/Ann & Bob/<main>.js', 'serve']
const definition = { words, variables: { COSTEER_HOME: '/Volumes/"Models"' }, stopSeconds: 30 }

test('the property list says to launchd what was meant', () => {
  expect(parse(launchdPlist(definition, '/log'))).toEqual({
    Label: 'costeer.gateway',
    ProgramArguments: words,
    EnvironmentVariables: { COSTEER_HOME: '/Volumes/"Models"' },
    RunAtLoad: true,
    KeepAlive: { SuccessfulExit: false },
    ExitTimeOut: 30,
    ProcessType: 'Interactive',
    StandardOutPath: '/log',
    StandardErrorPath: '/log',
    Umask: 63,
  })
})

test('it is an agent of the user', () => {
  const plan = launchdPlan(definition, { home: '/Users/ann', userId: 501 })
  expect(plan.file).toBe('/Users/ann/Library/LaunchAgents/costeer.gateway.plist')
  expect(plan.install).toEqual([['launchctl', 'bootstrap', 'gui/501', plan.file]])
  expect(plan.runs.test('\tstate = running\n')).toBe(true)
  expect(plan.runs.test('\tstate = not running\n')).toBe(false)
})
