import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { expect, test } from 'vitest'
import { windowsPlan, windowsTask } from '../../../src/cli/service/windows-task.ts'

const words = [
  'C:\\Program Files\\nodejs\\node.exe',
  'C:\\Users\\Ann & Bob\\main.js',
  'serve',
  '--port',
  '90',
]
const definition = { words, variables: {}, stopSeconds: 30 }

/** Elements that version 1.2 of the scheduler's schema has, as far as they are used, in its order. */
const schema: Record<string, readonly string[]> = {
  Task: ['RegistrationInfo', 'Triggers', 'Principals', 'Settings', 'Actions'],
  RegistrationInfo: ['Description'],
  Triggers: ['LogonTrigger'],
  LogonTrigger: ['Enabled', 'UserId'],
  Principals: ['Principal'],
  Principal: ['UserId', 'LogonType', 'RunLevel'],
  Settings: [
    'MultipleInstancesPolicy',
    'DisallowStartIfOnBatteries',
    'StopIfGoingOnBatteries',
    'ExecutionTimeLimit',
    'RestartOnFailure',
  ],
  RestartOnFailure: ['Interval', 'Count'],
  Actions: ['Exec'],
  Exec: ['Command', 'Arguments'],
}

function holds(element: string, content: unknown): void {
  if (typeof content !== 'object' || content === null) return
  const children = Object.keys(content).filter((name) => !name.startsWith('@_'))
  expect(children).toEqual(schema[element])
  for (const [name, inner] of Object.entries(content)) holds(name, inner)
}

const parser = new XMLParser({ ignoreAttributes: false, parseTagValue: false })

test('the task is well-formed, and of elements of the schema', () => {
  const xml = windowsTask(definition, 'Ann & Co')
  expect(XMLValidator.validate(xml)).toBe(true)
  const { Task } = parser.parse(xml)
  expect(Task['@_version']).toBe('1.2')
  expect(Task['@_xmlns']).toBe('http://schemas.microsoft.com/windows/2004/02/mit/task')
  holds('Task', Task)
  expect(Task.Triggers.LogonTrigger.UserId).toBe('Ann & Co')
  expect(Task.Actions['@_Context']).toBe(Task.Principals.Principal['@_id'])
})

test('it starts the words, with quotes where Windows needs them', () => {
  const { Exec } = parser.parse(windowsTask(definition, 'Ann & Co')).Task.Actions
  expect(Exec).toEqual({
    Command: 'C:\\Program Files\\nodejs\\node.exe',
    Arguments: '"C:\\Users\\Ann & Bob\\main.js" serve --port 90',
  })
})

test('quotes and backslashes at an end arrive as they are', () => {
  const awkward = windowsTask({ ...definition, words: ['node', 'a "b" c', 'D:\\my models\\'] }, 'ann')
  expect(parser.parse(awkward).Task.Actions.Exec.Arguments).toBe('"a \\"b\\" c" "D:\\my models\\\\"')
})

test('it is registered from a file in UTF-16, and says which variables a task does not have', () => {
  const plan = windowsPlan(
    { ...definition, variables: { COSTEER_HOME: 'D:\\my models' } },
    { configHome: 'C:\\Ann', userName: 'ann' },
  )
  expect(plan.encoding).toBe('utf16le')
  expect(plan.content.startsWith('<?xml version="1.0" encoding="UTF-16"?>')).toBe(true)
  expect(plan.install[0]).toEqual(['schtasks', '/Create', '/TN', 'CoSteer gateway', '/XML', plan.file, '/F'])
  expect(plan.advice).toContain('setx COSTEER_HOME "D:\\my models"')
})
