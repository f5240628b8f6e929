import { type NeutralField, neutral } from './field-table.ts'

const LEFT_OUT =
  '`[]`; where the model has no server that could offer them to it, optional ones are left out, and named in `x-costeer-ignored`'

/**
 * The row of offered tools. A model that runs here is offered none: where it may answer without them, it
 * does. `choice` is the field beside it that says whether it may.
 */
export function offeredTools(choice: 'tool_choice' | 'function_call'): NeutralField {
  return {
    ...neutral([]),
    values: LEFT_OUT,
    isLeftOut: (_, { siblings, upstream }) => isOptional(siblings[choice]) && upstream().passthrough === null,
  }
}

function isOptional(choice: unknown): boolean {
  return choice == null || choice === 'auto' || choice === 'none'
}
