import { expect, test } from 'vitest'
import { systemdUnit } from '../../../src/cli/service/systemd-unit.ts'

const definition = { words: ['/usr/bin/node', '/opt/main.js', 'serve'], variables: {}, stopSeconds: 30 }

test('a unit starts the words, ends them in time and starts them again', () => {
  const unit = systemdUnit(definition)
  expect(unit).toContain('\nExecStart="/usr/bin/node" "/opt/main.js" "serve"\n')
  expect(unit).toContain('\nTimeoutStopSec=30\n')
  expect(unit).toContain('\nRestart=on-failure\n')
})

test('what systemd would read otherwise is escaped', () => {
  const words = ['/a b/"c"', '50%', 'back\\slash', '$HOME', "it's"]
  const unit = systemdUnit({ ...definition, words, variables: { HOME_OF: 'a $b %c "d"' } })
  expect(unit).toContain('ExecStart="/a b/\\"c\\"" "50%%" "back\\\\slash" "$$HOME" "it\'s"\n')
  expect(unit).toContain('Environment="HOME_OF=a $b %%c \\"d\\""\n')
})
