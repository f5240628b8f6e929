/** Why one source could not give a model: a clause for people. The next source is tried then. */
export class SourceFailure extends Error {
  override readonly name = 'SourceFailure'
}
